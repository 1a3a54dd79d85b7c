/** @import { Job } from "./types/job" */
/** @import { FailureGroup } from "./types/view" */

/**
 * Failed jobs by what failed and how: the list a person can act on.
 *
 * @param {Job[]} jobs
 * @returns {FailureGroup[]}
 */
export function groupFailures(jobs) {
	/** @type {Map<string, FailureGroup>} */
	const groups = new Map();
	for (const job of jobs) {
		const type = job.error?.type || "";
		const key = `${job.method || job.label}\n${type}`;
		let group = groups.get(key);
		if (!group) {
			group = {
				key,
				method: job.method,
				label: job.method || job.label,
				errorType: type,
				message: job.error?.message || "",
				jobs: [],
				first: null,
				last: null,
			};
			groups.set(key, group);
		}
		group.jobs.push(job);
		const at = job.endedAt || job.enqueuedAt;
		if (at && (!group.first || at < group.first)) group.first = at;
		if (at && (!group.last || at > group.last)) {
			group.last = at;
			group.message = job.error?.message || group.message;
		}
	}
	return [...groups.values()].sort(
		(a, b) => b.jobs.length - a.jobs.length || Number(b.last) - Number(a.last),
	);
}
