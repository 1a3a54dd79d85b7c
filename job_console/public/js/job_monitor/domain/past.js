// The bar of the time machine: which time it shows, and what stands where on it. Pure; times in milliseconds.

/** @import { Mark } from "./types/metrics" */
/** @import { Moment, PastPoint, Piece, Window } from "./types/past" */
/** @import { Incident } from "./types/warning" */
import { __ } from "./translatable.js";

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const WEEK_MS = 7 * 24 * HOUR;
/** How much of the past the bar shows at once. */
export const SPANS = [
	{ value: "1h", ms: HOUR, label: __("An hour") },
	{ value: "24h", ms: 24 * HOUR, label: __("A day") },
	{ value: "7d", ms: WEEK_MS, label: __("A week") },
];
/** How it plays: `every` so long it goes on by `step`. */
export const SPEEDS = [
	{ times: 1, every: 10_000, step: 10_000 },
	{ times: 10, every: 1000, step: 10_000 },
	{ times: 60, every: 1000, step: 60_000 },
];
/** Points that are closer than this share of the bar are one. */
const APART = 1 / 40;
/** A keypress on the bar moves by this share of it. */
const STEPS = 360;

/**
 * The address's word for a moment; null: it is none.
 *
 * @param {string | undefined} text
 * @returns {number | null}
 */
export function momentOf(text) {
	const found = text ? Date.parse(text) : NaN;
	return Number.isNaN(found) ? null : found;
}

/**
 * To the second, as it stands in the address.
 *
 * @param {number} at
 * @returns {string}
 */
export function spelled(at) {
	return new Date(Math.floor(at / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/**
 * The time that the bar shows: it stays while the moment is on it, and moves when it has left it.
 *
 * @param {number} at
 * @param {number} span
 * @param {number} now
 * @param {number} kept
 * @param {Window | null} before
 * @returns {Window}
 */
export function windowOf(at, span, now, kept, before) {
	const same = before && before.until - before.since === Math.min(span, kept);
	if (same && at >= before.since && at <= before.until) return before;
	const until = Math.min(now, Math.max(at + span / 2, now - kept + span));
	return { since: until - Math.min(span, kept), until };
}

/**
 * How far the bar's handle goes by a keypress: whole pictures.
 *
 * @param {Window} window
 * @param {number} every
 * @returns {number}
 */
export function stepOf({ since, until }, every) {
	return Math.max(every, Math.round((until - since) / STEPS / every) * every);
}

/**
 * Where there are pictures; what lies between is a gap.
 *
 * @param {Moment["covered"]} covered
 * @param {Window} window
 * @returns {Piece[]}
 */
export function pieces(covered, { since, until }) {
	const share = (/** @type {number} */ at) =>
		(Math.min(Math.max(at, since), until) - since) / (until - since);
	return covered
		.filter(([begins, ends]) => ends > since && begins < until)
		.map(([begins, ends]) => ({ left: share(begins), width: share(ends) - share(begins) }));
}

/**
 * What was changed, and where incidents began, on the bar: those that stand close together are one.
 *
 * @param {Mark[]} marks
 * @param {Incident[]} incidents
 * @param {Window} window
 * @returns {PastPoint[]}
 */
export function points(marks, incidents, { since, until }) {
	const all = [
		...marks.map((mark) => ({ at: mark.at * 1000, text: mark.text, bad: false })),
		...incidents.map((each) => ({
			at: each.opened?.getTime() ?? 0,
			text: each.message,
			bad: true,
		})),
	];
	/** @type {PastPoint[]} */
	const found = [];
	for (const each of all
		.filter(({ at }) => at >= since && at <= until)
		.sort((a, b) => a.at - b.at)) {
		const last = found.at(-1);
		if (last && each.at - last.at < (until - since) * APART) {
			last.text = `${last.text} · ${each.text}`;
			last.bad = last.bad || each.bad;
		} else found.push({ ...each, left: (each.at - since) / (until - since) });
	}
	return found;
}

/**
 * Where playing goes from here: over a gap at once. Null: it has come to the present.
 *
 * @param {Moment} moment
 * @param {number} step
 * @returns {number | null}
 */
export function nextOf({ at, now, snapshot, after }, step) {
	const next = snapshot || after === null ? at + step : Math.max(after, at + step);
	return next < now ? next : null;
}
