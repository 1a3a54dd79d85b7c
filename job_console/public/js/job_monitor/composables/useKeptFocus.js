import { onBeforeUpdate, onUpdated } from "vue";

/**
 * Who stands on a row goes with it when it moves to another place of `root` (a ref), or to `fallback()` when it
 * is not to be seen any more: without that the focus falls back to the top of the page. Rows have
 * `data-jc-kept="KEY"`; in one that has moved, what has `data-jc-keeps` gets the focus.
 */
export function useKeptFocus(root, fallback) {
	let key = null;

	onBeforeUpdate(() => {
		const at = document.activeElement?.closest("[data-jc-kept]");
		key = at && root.value?.contains(at) ? at.dataset.jcKept : null;
	});

	onUpdated(() => {
		if (key === null || !isLost(document.activeElement)) return;
		const rows = [...root.value.querySelectorAll("[data-jc-kept]")];
		const row = rows.find((each) => each.dataset.jcKept === key);
		const target = row?.querySelector("[data-jc-keeps]") || fallback(key);
		target?.focus({ preventScroll: true });
	});
}

function isLost(element) {
	return !element || element === document.body || !element.isConnected;
}
