/** @import { LogEntry } from "./types/job" */
import { dateTime } from "./format.js";

// How what a job has printed and logged is shown. The words of levels are those of Python's logging.

/** @type {Record<string, string>} */
const CLASSES = {
	debug: "text-muted",
	warning: "jc-orange-text",
	error: "jc-red-text",
	critical: "jc-red-text",
};

/**
 * @param {string} level
 * @returns {string}
 */
export const levelClass = (level) => CLASSES[level] || "";

/**
 * To be put into a message or a report.
 *
 * @param {LogEntry[]} entries
 * @returns {string}
 */
export function logText(entries) {
	return entries
		.map(({ at, level, source, text }) =>
			[dateTime(at), level.toUpperCase(), source, text].filter(Boolean).join(" "),
		)
		.join("\n");
}
