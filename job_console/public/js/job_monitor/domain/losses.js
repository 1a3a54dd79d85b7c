// What nothing runs says so wherever it is named: also by views that know no more of a job than its id.

/** @import { Snapshot } from "./types/snapshot" */
/** @import { Warning } from "./types/warning" */

// Warnings about jobs that nothing runs or will run, as long as the job's own process does not go on.
const CODES = ["worker_lost", "ghost_started", "ghost_queued", "in_limbo"];

/**
 * Why, by the job's id.
 *
 * @param {Pick<Snapshot, "lanes" | "warnings"> | null} snapshot
 * @returns {Map<string, string>}
 */
export function lostJobs(snapshot) {
	/** @type {Map<string, string>} */
	const lost = new Map();
	for (const warning of snapshot?.warnings || []) {
		if (!CODES.includes(warning.code) || warning.evidence.job_runs === true) continue;
		for (const id of jobsOf(warning)) lost.set(id, warning.message);
	}
	for (const lane of snapshot?.lanes || []) {
		for (const job of lane.running) {
			if (job.lost) lost.set(job.id, job.lostReason || "");
		}
	}
	return lost;
}

/**
 * @param {Warning} warning
 * @returns {string[]}
 */
function jobsOf({ jobId, evidence }) {
	const others = Array.isArray(evidence.job_ids) ? evidence.job_ids : [];
	return jobId ? [jobId, ...others] : others;
}

/**
 * Locks whose holder is dead: why, by the lock's key.
 *
 * @param {Pick<Snapshot, "warnings"> | null} snapshot
 * @returns {Map<string, string>}
 */
export function orphanedLocks(snapshot) {
	const found = (snapshot?.warnings || []).filter((each) => each.code === "lock_orphaned");
	return new Map(found.map((each) => [String(each.evidence.lock), each.message]));
}
