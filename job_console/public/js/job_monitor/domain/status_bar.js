/** @import { Translate } from "./types/common" */
/** @import { Duty, Scheduler, Snapshot, Worker } from "./types/snapshot" */
/** @import { StatusItem } from "./types/view" */
import { bytes, duration, secondsSince } from "./format.js";
import { __ } from "./translatable.js";

// What the bench runs on, in a few words each.

/**
 * @param {Translate} __
 * @param {Snapshot} snapshot
 * @param {number} now
 * @returns {StatusItem[]}
 */
export function statusBar(__, snapshot, now) {
	const { workers, redis, site, schedule, duties } = snapshot;
	return [
		busyWorkers(__, workers),
		held(__, snapshot),
		surveyed(snapshot),
		schedule && {
			...scheduler(__, schedule, now),
			...(isDown(snapshot) ? { bad: true } : {}),
		},
		memory(__, redis),
		...duties.filter((duty) => duty.failures).map((duty) => failing(__, duty)),
		{ text: site || __("the whole bench") },
		snapshot.server
			? { text: [snapshot.bench, snapshot.server].filter(Boolean).join(" · ") }
			: null,
		snapshot.benchServer
			? {
					text: __("not this folder's bench, which uses {0}", [snapshot.benchServer]),
					bad: true,
				}
			: null,
	].filter((item) => item !== null);
}

/**
 * @param {Translate} __
 * @param {Worker[]} workers
 * @returns {StatusItem}
 */
function busyWorkers(__, workers) {
	const alive = workers.filter((worker) => worker.state !== "gone");
	if (!alive.length) return { text: __("no workers"), bad: true };
	const busy = alive.filter((worker) => worker.state === "busy").length;
	const draining = alive.filter((worker) => worker.drainingSince).length;
	return { text: workersText(__, { busy, idle: alive.length - busy, draining }) };
}

/**
 * @param {Translate} __
 * @param {{ busy: number, idle: number, draining: number }} workers
 * @returns {string}
 */
export function workersText(__, { busy, idle, draining }) {
	const text =
		busy + idle === 1
			? __("{0} of 1 worker busy", [busy])
			: __("{0} of {1} workers busy", [busy, busy + idle]);
	return draining ? __("{0}, {1} stopping", [text, draining]) : text;
}

/**
 * Said where ghosts may stand in what was not looked at yet.
 *
 * @param {Snapshot} snapshot
 * @returns {StatusItem | null}
 */
function surveyed({ surveyed }) {
	if (!surveyed?.of || (surveyed.share === 1 && !surveyed.unsure)) return null;
	return { text: surveyed.text.replace(/\.$/, "") };
}

/**
 * Whether a warning says that the scheduler does not come by: how long ago it did, does not show that.
 *
 * @param {Snapshot} snapshot
 * @returns {boolean}
 */
function isDown({ warnings }) {
	return warnings.some((warning) => warning.code === "scheduler_down");
}

/**
 * @param {Translate} __
 * @param {Snapshot} snapshot
 * @returns {StatusItem | null}
 */
function held(__, { suspension, lanes }) {
	if (suspension) return { text: __("workers are suspended"), bad: true };
	const paused = lanes.filter((lane) => lane.paused).map((lane) => lane.label);
	return paused.length ? { text: __("paused: {0}", [paused.join(", ")]), bad: true } : null;
}

/**
 * @param {Translate} __
 * @param {Scheduler} schedule
 * @param {number} now
 * @returns {StatusItem}
 */
function scheduler(__, { running, reason, tickedAt }, now) {
	if (!running) {
		return {
			text: reason ? __("scheduler is off: {0}", [reason]) : __("scheduler is off"),
			bad: true,
		};
	}
	if (!tickedAt) return { text: __("scheduler has not ticked yet") };
	const age = Math.floor(secondsSince(tickedAt, now) ?? 0);
	return { text: __("scheduler ticked {0} ago", [duration(__, age)]) };
}

// What somebody has to do every few seconds.
/** @type {Record<string, string>} */
const DUTIES = {
	incidents: __("Writing down incidents"),
	alerts: __("Telling people"),
	schedule_logs: __("Closing the logs of killed runs"),
	remember: __("Remembering what was seen"),
	retry: __("Bringing back retries"),
	places: __("Giving free places"),
};

/**
 * @param {Translate} __
 * @param {Duty} duty
 * @returns {StatusItem}
 */
function failing(__, { key, failures, error }) {
	const [name, site] = key.split("@");
	const what = DUTIES[name] ? __(DUTIES[name]) : name;
	const whose = site ? `${what} (${site})` : what;
	const text =
		failures === 1
			? __("{0} failed: {1}", [whose, error])
			: __("{0} failed {1} times: {2}", [whose, failures, error]);
	return { text, bad: true };
}

/**
 * @param {Translate} __
 * @param {Snapshot["redis"]} redis
 * @returns {StatusItem | null}
 */
function memory(__, { usedBytes, maxBytes }) {
	if (usedBytes === null) return null;
	const used = bytes(usedBytes);
	return {
		text: maxBytes ? __("Redis {0} of {1}", [used, bytes(maxBytes)]) : __("Redis {0}", [used]),
	};
}
