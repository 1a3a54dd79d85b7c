// How severe a warning is, as icon, colour and word, and which warning comes first.

/** @import { Look } from "./types/common" */
/** @import { Warning } from "./types/warning" */
import { __ } from "./translatable.js";

/** @typedef {Look & { rank: number }} SeverityLook */

/** @type {Record<string, SeverityLook>} */
export const SEVERITIES = {
	critical: { icon: "cross-circle", color: "red", text: __("Critical"), rank: 0 },
	warning: { icon: "alert", color: "orange", text: __("Warning"), rank: 1 },
	info: { icon: "info", color: "blue", text: __("For your information"), rank: 2 },
};

/**
 * @param {string} severity
 * @returns {SeverityLook}
 */
export function severityLook(severity) {
	return SEVERITIES[severity] || SEVERITIES.info;
}

/**
 * The worst first; within one severity what has lasted longest.
 *
 * @param {Warning[]} warnings
 * @returns {Warning[]}
 */
export function sortWarnings(warnings) {
	return [...warnings].sort(
		(a, b) =>
			severityLook(a.severity).rank - severityLook(b.severity).rank ||
			(a.since?.getTime() ?? Infinity) - (b.since?.getTime() ?? Infinity),
	);
}
