// How far a job has come, as it says itself; elapsed time is another matter (progress.js).
/** @import { Translate } from "./types/common" */
/** @import { Job, Progress } from "./types/job" */
import { count, duration, secondsSince } from "./format.js";

/** A job that says so twice a second, and then nothing for so long, has nothing to show. */
export const SILENT_S = 30;

/**
 * Whether somebody who looks will see it move.
 *
 * @param {Pick<Job, "status" | "lost" | "progress">} job
 * @param {number} now
 * @returns {boolean}
 */
export function isProgressing(job, now) {
	return (
		job.status === "started" &&
		!job.lost &&
		Boolean(job.progress) &&
		(secondsSince(job.progress?.at, now) ?? 0) < SILENT_S
	);
}

/**
 * 41,230 of 80,000; 40 %; 17 so far.
 *
 * @param {Translate} __
 * @param {Progress} progress
 * @returns {string}
 */
export function progressText(__, progress) {
	const { done, total, fromPublishProgress } = progress;
	if (fromPublishProgress && total === 100) return __("{0} %", [Math.round(done)]);
	if (total === null) return __("{0} so far", [count(done)]);
	return __("{0} of {1}", [count(done), count(total)]);
}

/**
 * What is still to come: "about 6 min left", "about to end", or that nothing was heard for long.
 *
 * @param {Translate} __
 * @param {Pick<Job, "status" | "lost"> & { progress: Progress }} job
 * @param {number} now
 * @returns {string}
 */
export function timeLeftText(__, job, now) {
	const { progress } = job;
	if (job.status !== "started" || job.lost) return "";
	const silent = secondsSince(progress.at, now) ?? 0;
	if (silent >= SILENT_S) return __("nothing heard for {0}", [duration(__, silent)]);
	const left = secondsLeft(progress, now);
	if (left === null) return "";
	return left ? __("about {0} left", [duration(__, left)]) : __("about to end");
}

/**
 * Seconds, counted down from when the job said so.
 *
 * @param {Progress} progress
 * @param {number} now
 * @returns {number | null}
 */
export function secondsLeft(progress, now) {
	if (!progress.rate || progress.total === null || !progress.at) return null;
	const left = (progress.total - progress.done) / progress.rate;
	return Math.max(0, Math.round(left - (secondsSince(progress.at, now) ?? 0)));
}

/**
 * 12 a second; 40 a minute: the unit that leaves a number one can read.
 *
 * @param {Translate} __
 * @param {number | null} rate
 * @returns {string}
 */
export function rateText(__, rate) {
	if (!rate) return "";
	if (rate >= 1) return __("{0} a second", [rounded(rate)]);
	if (rate * 60 >= 1) return __("{0} a minute", [rounded(rate * 60)]);
	return __("{0} an hour", [rounded(rate * 3600)]);
}

/**
 * @param {number} value
 * @returns {string}
 */
function rounded(value) {
	return value >= 10 ? count(Math.round(value)) : String(Math.round(value * 10) / 10);
}
