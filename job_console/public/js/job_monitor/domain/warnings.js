// How severe a warning is, as icon, colour and word, and which warning comes first.

// Marks words for the translators, as in status.js.
const __ = (text) => text;

export const SEVERITIES = {
	critical: { icon: "cross-circle", color: "red", text: __("Critical"), rank: 0 },
	warning: { icon: "alert", color: "orange", text: __("Warning"), rank: 1 },
	info: { icon: "info", color: "blue", text: __("For your information"), rank: 2 },
};

export function severityLook(severity) {
	return SEVERITIES[severity] || SEVERITIES.info;
}

/** The worst first; within one severity what has lasted longest. */
export function sortWarnings(warnings) {
	return [...warnings].sort(
		(a, b) =>
			severityLook(a.severity).rank - severityLook(b.severity).rank ||
			(a.since?.getTime() ?? Infinity) - (b.since?.getTime() ?? Infinity),
	);
}
