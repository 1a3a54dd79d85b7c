// How a group of failures is retried: what is asked before, and how far a canary is, in words.

/** @import { Translate } from "./types/common" */
/** @import { Canary, FailureCause } from "./types/failure" */
import { jobsText } from "./counted.js";
import { count } from "./format.js";
import { __ } from "./translatable.js";

/** As the audit trail says it; the others are a job's. */
/** @type {Record<string, string>} */
export const CANARY_STATES = {
	trying: __("Trying one"),
	releasing: __("Releasing the rest"),
	done: __("Done"),
};

/** Up to so many are retried at once unless somebody says otherwise. */
export const FEW = 20;
/** More are not retried at once: `AT_ONCE` of engine/failures/limits.py. */
export const AT_ONCE = 1000;
const CANARY = "canary";

/**
 * @param {Translate} __
 * @param {FailureCause} group
 */
export function questionOf(__, group) {
	const number = count(group.count);
	const canary = { value: CANARY, label: __("One first, and when it ends well the rest") };
	const all = { value: "all", label: __("All {0} at once", [number]) };
	const ways = group.count > AT_ONCE ? [canary] : [canary, all];
	const rates = [60, 10, 300, 600];
	const stops = [3, 1, 10];
	return {
		title: __("Retry {0}: {1}", [jobsText(__, group.count), group.method]),
		message: __(
			"Each goes back to the end of its lane and runs again from the start. One first: if it fails again, the others stay as they are; if it ends well, they follow at the rate, and stop when so many fail in the same way.",
		),
		yes: __("Retry"),
		fields: [
			select("how", __("How?"), group.count > FEW ? ways : [...ways].reverse()),
			select(
				"rate",
				__("At which rate, after the first?"),
				rates.map((rate) => ({ value: String(rate), label: __("{0} a minute", [rate]) })),
			),
			select(
				"stop_at",
				__("Stop when?"),
				stops.map((n) => ({
					value: String(n),
					label:
						n === 1
							? __("At the first that fails")
							: __("When {0} fail in the same way", [n]),
				})),
			),
			{
				name: "reason",
				label: __("Why? (kept in the audit log)"),
				type: /** @type {const} */ ("text"),
			},
		],
	};
}

/**
 * @param {string} name
 * @param {string} label
 * @param {{ value: string, label: string }[]} options
 */
function select(name, label, options) {
	return { name, label, type: /** @type {const} */ ("select"), options };
}

/**
 * What the dialog said, as the API takes it.
 *
 * @param {Record<string, string>} answer
 */
export function requestOf({ how, rate, stop_at, reason }) {
	return { canary: how === CANARY, rate: Number(rate), stop_at: Number(stop_at), reason };
}

/**
 * How far it is, in a sentence.
 *
 * @param {Translate} __
 * @param {Canary} canary
 * @returns {string}
 */
export function canaryText(__, canary) {
	const number = Object.fromEntries(
		/** @type {const} */ (["total", "released", "well", "failed", "left", "out"]).map(
			(name) => [name, count(canary[name])],
		),
	);
	switch (canary.state) {
		case "trying":
			return __("One of {0} is tried first.", [number.total]);
		case "releasing":
			return __(
				"The first ended well. {0} of {1} retried, {2} a minute: {3} well, {4} failed.",
				[number.released, number.total, canary.rate, number.well, number.failed],
			);
		case "done":
			return __("All {0} were retried: {1} ended well, {2} failed again.", [
				number.released,
				number.well,
				number.failed,
			]);
		case "stopped":
			return __("Stopped: {0} failed again. {1} ended well, {2} stay failed.", [
				number.failed,
				number.well,
				number.left,
			]);
		default:
			return __("Ended by somebody. {0} ended well, {1} stay failed.", [
				number.well,
				number.left,
			]);
	}
}

/**
 * Those that are to be shown apart: their group is not on the page (any more).
 *
 * @param {Canary[]} canaries
 * @param {{ key: string }[]} groups
 * @param {number} now milliseconds
 * @returns {Canary[]}
 */
export function apart(canaries, groups, now) {
	const shown = new Set(groups.map((group) => group.key));
	return canaries.filter(
		(canary) =>
			!shown.has(canary.group) &&
			(canary.goesOn || now - (canary.changedAt?.getTime() ?? 0) < ENDED_SHOWN_MS),
	);
}

const ENDED_SHOWN_MS = 3_600_000;
