const FOCUSABLE =
	"a[href], button:not([disabled]), input:not([disabled]), select, textarea, summary, [tabindex='0']";

/** Keeps Tab inside a panel, and gives the focus back to where it came from. */
export function useFocusTrap(panel) {
	let before = null;

	function enter() {
		before = document.activeElement;
		panel.value?.focus();
	}

	function leave() {
		// The row may have been redrawn or be gone: then the page keeps the focus.
		if (before?.isConnected) before.focus?.({ preventScroll: true });
	}

	function onTab(event) {
		const items = [...panel.value.querySelectorAll(FOCUSABLE)].filter(
			(item) => item.getClientRects().length,
		);
		if (!items.length) return;
		const first = items[0];
		const last = items[items.length - 1];
		const at = document.activeElement;
		if (event.shiftKey && (at === first || at === panel.value)) {
			event.preventDefault();
			last.focus();
		} else if (!event.shiftKey && at === last) {
			event.preventDefault();
			first.focus();
		}
	}

	return { enter, leave, onTab };
}
