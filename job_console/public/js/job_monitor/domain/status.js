// The one place that knows how a job's state looks: icon, colour and word. Colour
// never speaks alone, so every state has all three.

/** @import { Look } from "./types/common" */
/** @import { Job } from "./types/job" */
/** @import { Worker } from "./types/snapshot" */
import { __ } from "./translatable.js";

// Colours are Frappe's indicator names.

/** @type {Record<string, Look>} */
export const STATUSES = {
	started: { icon: "play", color: "blue", text: __("Running") },
	queued: { icon: "clock", color: "gray", text: __("Waiting") },
	scheduled: { icon: "calendar", color: "gray", text: __("Scheduled") },
	deferred: { icon: "link", color: "orange", text: __("Deferred") },
	failed: { icon: "cross", color: "red", text: __("Failed") },
	stopped: { icon: "stop", color: "orange", text: __("Stopped") },
	canceled: { icon: "ban", color: "gray", text: __("Canceled") },
	finished: { icon: "check", color: "green", text: __("Finished") },
	dead: { icon: "cross-circle", color: "red", text: __("Out of attempts") },
	vanished: { icon: "ghost", color: "gray", text: __("Gone") },
};

const UNKNOWN = { icon: "question", color: "gray", text: __("Unknown") };

/**
 * @param {string} status
 * @returns {Look}
 */
export function statusLook(status) {
	return STATUSES[status] || { ...UNKNOWN, text: status || UNKNOWN.text };
}

const LOST = { icon: "ghost", color: "red", text: __("Lost") };
const TAKEN_OVER = { icon: "play", color: "orange", text: __("Runs twice") };

/**
 * What nothing runs is not running, whatever its record says.
 *
 * @param {Job} job
 * @returns {Look}
 */
export function jobLook(job) {
	if (job.takenOver) return TAKEN_OVER;
	return job.lost ? LOST : statusLook(job.status);
}

// States in the audit trail that are no job's: of lanes, workers, methods, locks, the bench; and what was asked.
/** @type {Record<string, string>} */
const OTHER_STATES = {
	asked: __("Asked"),
	told: __("Told to stop"),
	stopping: __("Ends after its job"),
	gone: __("Gone"),
	missing: __("Not there"),
	unknown: __("Not known"),
	orphan: __("Without a record"),
	running: __("Takes work"),
	paused: __("Paused"),
	suspended: __("Suspended"),
	quiet: __("Quiet"),
	idle: __("Idle"),
	busy: __("Busy"),
	empty: __("Empty"),
	free: __("Free"),
	held: __("Held"),
	shared: __("Shared"),
};

/**
 * A state in the audit trail, in words.
 *
 * @param {string} state
 * @returns {string}
 */
export function auditState(state) {
	return OTHER_STATES[state] || statusLook(state).text;
}

// The order in which a filter offers them: what is alive first.
export const STATUS_FILTERS = [
	"started",
	"queued",
	"scheduled",
	"deferred",
	"failed",
	"dead",
	"canceled",
	"finished",
];

/** @type {Record<string, Look>} */
export const RUN_OUTCOMES = {
	successful: { icon: "check", color: "green", text: __("Succeeded") },
	failed: { icon: "cross", color: "red", text: __("Failed") },
	stopped: { icon: "stop", color: "orange", text: __("Stopped") },
	retried: { icon: "retry", color: "orange", text: __("Failed, tried again") },
	running: { icon: "play", color: "blue", text: __("Running") },
};

/**
 * @param {string} outcome
 * @returns {Look}
 */
export function runOutcomeLook(outcome) {
	return RUN_OUTCOMES[outcome] || { ...UNKNOWN, text: outcome || UNKNOWN.text };
}

/** @type {Record<string, Look>} */
export const WORKER_STATES = {
	busy: { icon: "play", color: "blue", text: __("Busy") },
	idle: { icon: "check", color: "green", text: __("Idle") },
	suspended: { icon: "pause", color: "orange", text: __("Suspended") },
	started: { icon: "clock", color: "gray", text: __("Starting") },
	stopping: { icon: "stop", color: "orange", text: __("Stopping") },
	gone: { icon: "cross-circle", color: "red", text: __("Gone") },
	unknown: UNKNOWN,
};

/**
 * Who was told to stop takes no more work, whether it is at a job or not.
 *
 * @param {Pick<Worker, "state" | "drainingSince">} worker
 * @returns {Look}
 */
export function workerLook({ state, drainingSince }) {
	if (drainingSince && state !== "gone") return WORKER_STATES.stopping;
	return WORKER_STATES[state] || { ...UNKNOWN, text: state || UNKNOWN.text };
}
