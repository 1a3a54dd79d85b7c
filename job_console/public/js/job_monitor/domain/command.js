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
 * What runs a schedule now, where its site's desk is not at hand: its own documents say how.
 *
 * @param {{ site: string, jobId: string }} entry
 * @returns {string}
 */
export function lineToRun({ site, jobId }) {
	const request = JSON.stringify({ action: "run_schedule", job_ids: [jobId] });
	return `bench --site ${site} execute job_console.api.act --kwargs ${shellQuote(request)}`;
}

/**
 * @param {string} text
 * @returns {string}
 */
function shellQuote(text) {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}
