// What is different now from a moment of the past. Pure.

/** @import { Translate } from "./types/common" */
/** @import { Comparison, Difference } from "./types/past" */
/** @import { Lane, Snapshot } from "./types/snapshot" */
import { count, duration } from "./format.js";

/**
 * @param {Translate} __
 * @param {Snapshot} then
 * @param {Snapshot} now
 * @returns {Comparison}
 */
export function compare(__, then, now) {
	const before = new Map(then.lanes.map((lane) => [lane.name, lane]));
	const after = new Map(now.lanes.map((lane) => [lane.name, lane]));
	const lanes = [...new Set([...before.keys(), ...after.keys()])].map((name) => {
		const [was, is] = [before.get(name), after.get(name)];
		const label = (is || was)?.label || name;
		return { name, label, differences: differences(__, was, is) };
	});
	return {
		lanes: lanes.filter((lane) => lane.differences.length),
		begun: missing(now, then),
		ended: missing(then, now),
	};
}

/**
 * @param {Translate} __
 * @param {Lane | undefined} was
 * @param {Lane | undefined} is
 * @returns {Difference[]}
 */
function differences(__, was, is) {
	return [
		{ what: __("Waiting"), shown: (/** @type {Lane} */ lane) => number(lane.counts.queued) },
		{ what: __("Running"), shown: (/** @type {Lane} */ lane) => number(lane.counts.started) },
		{
			what: __("Longest wait"),
			shown: (/** @type {Lane} */ lane) =>
				lane.oldestWaitS === null ? "–" : duration(__, lane.oldestWaitS),
		},
		{ what: __("Failed"), shown: (/** @type {Lane} */ lane) => number(lane.counts.failed) },
		{
			what: __("Workers"),
			shown: (/** @type {Lane} */ lane) => count(lane.workers.busy + lane.workers.idle),
		},
		{
			what: __("Paused"),
			shown: (/** @type {Lane} */ lane) => (lane.paused ? "✓" : "–"),
		},
	]
		.map(({ what, shown }) => ({
			what,
			then: was ? shown(was) : "–",
			now: is ? shown(is) : "–",
		}))
		.filter((row) => row.then !== row.now);
}

/**
 * What the warnings say that only the first one has.
 *
 * @param {Snapshot} of
 * @param {Snapshot} beside
 * @returns {string[]}
 */
function missing(of, beside) {
	const known = new Set(beside.warnings.map((warning) => warning.key));
	return of.warnings
		.filter((warning) => !known.has(warning.key))
		.map((warning) => warning.message);
}

/**
 * @param {number | undefined} value
 * @returns {string}
 */
function number(value) {
	return count(value ?? 0);
}
