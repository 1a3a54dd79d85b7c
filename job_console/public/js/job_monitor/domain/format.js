// Numbers and times in words. Everything is pure; the translator comes in as `__`.

import { writtenDate, writtenNumber, writtenTime } from "./habit.js";

/** @import { Translate } from "./types/common" */

const MINUTE = 60;

/**
 * 4 s, 12 min, 3 h 5 min, 17 h, 2 d: as the engine's sentences say it (`duration` of engine/wording.py), so that one
 * screen has one figure.
 *
 * @param {Translate} __
 * @param {number | null | undefined} seconds
 * @param {boolean} [brief] where there is little room: of hours no minutes
 * @returns {string}
 */
export function duration(__, seconds, brief = false) {
	if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "";
	const s = Math.max(0, seconds);
	if (s > 0 && s < 0.95) return __("{0} ms", [Math.max(1, Math.round(s * 1000))]);
	if (s < 2 * MINUTE) return __("{0} s", [Math.round(s)]);
	const minutes = Math.round(s / MINUTE);
	if (minutes < 120) return __("{0} min", [minutes]);
	const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
	if (hours >= 48) return __("{0} d", [Math.floor(hours / 24)]);
	return rest && hours < 10 && !brief
		? __("{0} h {1} min", [hours, rest])
		: __("{0} h", [hours]);
}

/**
 * How long ago, or how far ahead, `date` lies from `now` (milliseconds).
 *
 * @param {Translate} __
 * @param {Date | null | undefined} date
 * @param {number} now
 * @param {boolean} [brief]
 * @returns {string}
 */
export function relative(__, date, now, brief = false) {
	if (!date) return "";
	const seconds = (now - date.getTime()) / 1000;
	if (Math.abs(seconds) < 1) return __("just now");
	return seconds > 0
		? __("{0} ago", [duration(__, Math.floor(seconds), brief)])
		: __("in {0}", [duration(__, Math.floor(-seconds), brief)]);
}

/**
 * @param {Date | null | undefined} date
 * @param {number} now milliseconds
 * @returns {number | null} null: when it was is not known
 */
export function secondsSince(date, now) {
	return date ? Math.max(0, (now - date.getTime()) / 1000) : null;
}

/**
 * In the reader's zone and habit.
 *
 * @param {Date | null | undefined} date
 * @returns {string}
 */
export function dateTime(date) {
	return date ? `${writtenDate(date)}, ${writtenTime(date, true)}` : "";
}

/**
 * The same without the seconds, for what lies days ahead.
 *
 * @param {Date | null | undefined} date
 * @returns {string}
 */
export function dateMinute(date) {
	return date ? `${writtenDate(date)}, ${writtenTime(date)}` : "";
}

/**
 * Of today, to the second.
 *
 * @param {Date | null | undefined} date
 * @returns {string}
 */
export const timeOfDay = (date) => (date ? writtenTime(date, true) : "");

/**
 * A short time, as of a way to a server: 0.4 ms, 12 ms.
 *
 * @param {Translate} __
 * @param {number} seconds
 * @returns {string}
 */
export function milliseconds(__, seconds) {
	const ms = Math.max(0.1, seconds * 1000);
	return __("{0} ms", [writtenNumber(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms))]);
}

const SIZES = ["B", "KB", "MB", "GB", "TB"];

/**
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function bytes(value) {
	if (value === null || value === undefined) return "";
	let size = value;
	let step = 0;
	while (size >= 1024 && step < SIZES.length - 1) {
		size /= 1024;
		step += 1;
	}
	return `${writtenNumber(size >= 10 ? Math.round(size) : size)} ${SIZES[step]}`;
}

/**
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function count(value) {
	return writtenNumber(value ?? 0);
}

/**
 * Exact numbers as they are, estimates with their sign.
 *
 * @param {number} value
 * @param {boolean} isApproximate
 * @returns {string}
 */
export function approximate(value, isApproximate) {
	return isApproximate ? `≈ ${count(value)}` : count(value);
}

/**
 * A method's last part, which is what people read first.
 *
 * @param {string | null | undefined} method
 * @returns {string}
 */
export function shortMethod(method) {
	if (!method) return "";
	return method.split(".").pop() ?? "";
}

/** An exception's own name, without the modules in front of it. */
export const shortType = shortMethod;

/**
 * site||id is how Frappe writes ids: people know the second half.
 *
 * @param {string} id
 * @returns {string}
 */
export function shortId(id) {
	const at = id.indexOf("||");
	const own = at >= 0 ? id.slice(at + 2) : id.replace(/^[^:]+::/, "");
	return own.length > 40 ? `${own.slice(0, 37)}…` : own;
}
