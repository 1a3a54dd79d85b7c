// The same thing on the command line, for a ticket, a chat or a terminal.
/** @import { Job } from "./types/job" */

/** @type {Record<string, string>} */
const FOR_STATUS = { failed: "retry", stopped: "retry", started: "stop" };

/**
 * @param {Pick<Job, "id" | "status">} job
 * @returns {string}
 */
export function commandFor(job) {
	return `job-console ${FOR_STATUS[job.status] || "show"} ${shellQuote(job.id)}`;
}

/**
 * @param {string} text
 * @returns {string}
 */
function shellQuote(text) {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}
