import { onScopeDispose, ref } from "vue";

/** A button with a panel below it: `root` is the element around both. A click elsewhere closes it, and so does Escape. */
export function useMenu() {
	const open = ref(false);
	const root = ref(null);

	function outside(event) {
		if (open.value && !root.value?.contains(event.target)) open.value = false;
	}

	function close() {
		open.value = false;
		root.value?.querySelector("button")?.focus();
	}

	document.addEventListener("pointerdown", outside);
	onScopeDispose(() => document.removeEventListener("pointerdown", outside));
	return { open, root, close };
}
