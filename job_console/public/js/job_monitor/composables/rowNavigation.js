// Rows that j and k walk over. A row is any element with v-job-row; the focused one is
// the current one, so the mouse, the keyboard and a screen reader agree on it.

const ROW = "[data-jc-row]";

/** The directive: `<li v-job-row="job">`. */
export const jobRow = {
	mounted: mark,
	updated: mark,
};

function mark(element, { value }) {
	element.dataset.jcRow = value.id;
	element.jcJob = value;
	if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
}

export function currentJob() {
	return document.activeElement?.closest(ROW)?.jcJob || null;
}

export function stepRow(root, direction) {
	const rows = [...root.querySelectorAll(ROW)].filter((row) => row.getClientRects().length);
	if (!rows.length) return;
	const at = rows.indexOf(document.activeElement?.closest(ROW));
	const start = direction > 0 ? 0 : rows.length - 1;
	const next = at < 0 ? start : Math.min(rows.length - 1, Math.max(0, at + direction));
	rows[next].focus();
	rows[next].scrollIntoView?.({ block: "nearest" });
}
