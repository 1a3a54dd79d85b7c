// What somebody told to take no work for a while, in words; and for how long one may ask.

import { writtenDate, writtenTime } from "./habit.js";
/** @import { Translate } from "./types/common" */
/** @import { Hold } from "./types/snapshot" */
import { duration } from "./format.js";

const DURATIONS = [900, 3600, 4 * 3600, 86_400, 7 * 86_400];
const HOURS_SHOWN = 12;
const HOUR_MS = 3_600_000;

/**
 * Until when, as choices: so long from now, and the next full hours of the reader's own clock. The
 * value of an hour is `@` and its time, so that it stays that hour however long the dialog is open.
 *
 * @param {Translate} __
 * @param {number} now milliseconds
 * @returns {{ value: string, label: string }[]}
 */
export function endChoices(__, now) {
	const lasting = DURATIONS.map((seconds) => ({
		value: String(seconds),
		label: __("For {0}", [duration(__, seconds)]),
	}));
	const next = new Date(now);
	next.setMinutes(0, 0, 0);
	const hours = Array.from(
		{ length: HOURS_SHOWN },
		(_, n) => next.getTime() + (n + 1) * HOUR_MS,
	);
	return [
		...lasting,
		...hours.map((at) => ({ value: `@${at}`, label: __("Until {0}", [timeOf(at, now)]) })),
	];
}

/**
 * @param {string} choice a value of `endChoices`
 * @param {number} now milliseconds
 * @returns {number}
 */
export function secondsOf(choice, now) {
	return choice.startsWith("@") ? (Number(choice.slice(1)) - now) / 1000 : Number(choice);
}

/**
 * 18:00 of the reader's clock; with its day when that is not today.
 *
 * @param {number} at milliseconds
 * @param {number} now milliseconds
 * @returns {string}
 */
export function timeOf(at, now) {
	const then = new Date(at);
	const [day, today] = [writtenDate(then), writtenDate(new Date(now))];
	return day === today ? writtenTime(then) : `${day}, ${writtenTime(then)}`;
}

/**
 * `until 18:00 by mia: the bank is down`
 *
 * @param {Translate} __
 * @param {Hold} hold
 * @param {number} now milliseconds
 * @returns {string}
 */
export function holdText(__, hold, now) {
	const end = hold.until
		? __("until {0}", [timeOf(hold.until.getTime(), now)])
		: __("without an end");
	if (!hold.by) return end;
	return __("{0} by {1}: {2}", [end, hold.by, hold.reason || ""]);
}
