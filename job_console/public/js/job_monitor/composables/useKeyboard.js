import { onScopeDispose } from "vue";

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
// Dialogs of the host answer their own keys; our drawer is not one of them.
const FOREIGN = ".modal, dialog, [role=dialog]:not(.jc-drawer)";

/** Single keys. `bindings` maps a key to a function; return false to let the key pass. */
export function useKeyboard(bindings) {
	function onKey(event) {
		if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
		const target = event.target instanceof Element ? event.target : document.body;
		if (target.closest(FOREIGN)) return;
		if (target.closest(TYPING) && event.key !== "Escape") return;
		const handler = bindings[event.key];
		if (!handler || handler(event, target) === false) return;
		event.preventDefault();
		// The desk has keys of its own ("?" opens its list of shortcuts).
		event.stopPropagation();
	}
	document.addEventListener("keydown", onKey);
	onScopeDispose(() => document.removeEventListener("keydown", onKey));
}
