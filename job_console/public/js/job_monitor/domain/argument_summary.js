// What tells the jobs of one method apart: the arguments in which those on the screen differ.

/** @import { Job } from "./types/job" */

const SHOWN = 3;
const VALUE_CHARS = 40;

/**
 * By job: a few of its arguments, in words. Those that differ among the rows of its method; where none does, the first.
 *
 * @param {Pick<Job, "id" | "method" | "arguments">[]} jobs
 * @returns {Map<string, { name: string, value: string }[]>}
 */
export function argumentSummaries(jobs) {
	/** @type {Map<string | null, typeof jobs>} */
	const methods = new Map();
	for (const job of jobs) methods.set(job.method, [...(methods.get(job.method) || []), job]);
	const summaries = new Map();
	for (const rows of methods.values()) {
		const names = telling(rows);
		for (const job of rows) {
			const shown = names.filter((name) => name in job.arguments).slice(0, SHOWN);
			const words = shown.map((name) => ({ name, value: inWords(job.arguments[name]) }));
			summaries.set(job.id, words);
		}
	}
	return summaries;
}

/**
 * @param {Pick<Job, "arguments">[]} rows
 * @returns {string[]}
 */
function telling(rows) {
	const names = [...new Set(rows.flatMap((job) => Object.keys(job.arguments)))];
	const differing = names.filter(
		(name) => new Set(rows.map((job) => JSON.stringify(job.arguments[name]))).size > 1,
	);
	return differing.length ? differing : names;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
export function inWords(value) {
	const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
	return text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS - 1)}…` : text;
}
