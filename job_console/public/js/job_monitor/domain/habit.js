// How the reader writes dates, times and numbers, and in which zone: one convention for the whole page. The host says it
// once, before the page is mounted (the desk: the user's zone and formats of Frappe); else it is the browser's, or that
// of another language that the reader has chosen.

/** @import { Habit } from "./types/common" */

/** @type {Habit} */
let habit = {};

/**
 * @param {Habit} given
 */
export function setHabit(given) {
	habit = given;
}

/**
 * The zone of all times of the page, to be named once.
 *
 * @returns {string}
 */
export function readerZone() {
	return habit.zone || Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/**
 * @param {Date} date
 * @returns {string}
 */
export function writtenDate(date) {
	if (!habit.date) return inZone(date, { dateStyle: "medium" });
	const { year, month, day } = parts(date);
	return habit.date.replace("yyyy", year).replace("mm", month).replace("dd", day);
}

/**
 * 18:05, or 18:05:09.
 *
 * @param {Date} date
 * @param {boolean} withSeconds
 * @returns {string}
 */
export function writtenTime(date, withSeconds = false) {
	if (!habit.date) return inZone(date, { timeStyle: withSeconds ? "medium" : "short" });
	const { hour, minute, second } = parts(date);
	return [hour, minute, ...(withSeconds ? [second] : [])].join(":");
}

/**
 * What a clock of the reader's zone shows: "2026-11-23T17:38".
 *
 * @param {Date} date
 * @returns {string}
 */
export function shownBy(date) {
	const { year, month, day, hour, minute } = parts(date);
	return `${year}-${month}-${day}T${hour}:${minute}`;
}

/**
 * The moment at which a clock of the reader's zone shows this: the other way round. In an hour that comes twice it is
 * one of the two; one that a clock leaves out is an hour beside it.
 *
 * @param {string} shown "2026-11-23T17:38"
 * @returns {Date | null} null: that is no time
 */
export function momentOf(shown) {
	const asUtc = Date.parse(`${shown}Z`);
	if (Number.isNaN(asUtc)) return null;
	let at = asUtc;
	// The second time with the distance that the zone has at that moment, not at the first guess.
	for (let turn = 0; turn < 2; turn += 1) {
		at = asUtc - (Date.parse(`${shownBy(new Date(at))}Z`) - at);
	}
	return new Date(at);
}

/**
 * With one decimal, where there is one: nothing on the page is more exact.
 *
 * @param {number} value
 * @returns {string}
 */
export function writtenNumber(value) {
	const rounded = Math.round(value * 10) / 10;
	const digits = Number.isInteger(rounded) ? 0 : 1;
	return habit.number ? habit.number(rounded, digits) : rounded.toLocaleString(habit.locale);
}

/**
 * @param {Date} date
 * @param {Intl.DateTimeFormatOptions} options
 * @returns {string}
 */
function inZone(date, options) {
	return new Intl.DateTimeFormat(habit.locale, { ...options, timeZone: knownZone() }).format(
		date,
	);
}

/**
 * @param {Date} date
 * @returns {Record<string, string>}
 */
function parts(date) {
	const format = new Intl.DateTimeFormat("en-GB", {
		year: "numeric",
		month: "2-digit",
		day: "2-digit",
		hour: "2-digit",
		minute: "2-digit",
		second: "2-digit",
		hourCycle: "h23",
		timeZone: knownZone(),
	});
	return Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
}

// A zone that this browser does not know would be an error in each time of the page.
function knownZone() {
	try {
		return new Intl.DateTimeFormat("en", { timeZone: readerZone() }) && readerZone();
	} catch {
		return "UTC";
	}
}
