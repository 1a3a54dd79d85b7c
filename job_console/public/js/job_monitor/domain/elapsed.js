/** @import { Job } from "./types/job" */
/** @import { Elapsed } from "./types/view" */
import { secondsSince } from "./format.js";

// Where the engine begins to warn (`timeout_near`).
const NEAR_SHARE = 0.8;

/**
 * How far a running job is into its time: a fraction of its timeout, and a level.
 *
 * @param {Job} job
 * @param {number} now
 * @returns {Elapsed | null}
 */
export function elapsedOf(job, now) {
	const seconds =
		job.status === "started" && job.startedAt
			? Math.floor(secondsSince(job.startedAt, now) ?? 0)
			: (job.elapsedS ?? null);
	if (seconds === null) return null;
	const limit = job.timeoutS && job.timeoutS > 0 ? job.timeoutS : null;
	const fraction = limit ? Math.min(1, seconds / limit) : null;
	return { seconds, limit, fraction, level: levelOf(limit ? seconds / limit : 0) };
}

// Past the whole the alarm should have fired already.
/**
 * @param {number} ratio
 * @returns {Elapsed["level"]}
 */
function levelOf(ratio) {
	if (ratio >= 1) return "late";
	return ratio >= NEAR_SHARE ? "near" : "fine";
}
