// What was changed and when, as lines of a chart and rows of a list. Pure.

import { dateMinute } from "./format.js";

/** @import { Translate } from "./types/common" */
/** @import { Mark, MarkLine } from "./types/metrics" */

/** Marks as close as this share of the range are one line; a chart has no more lines than that. */
const APART = 1 / 40;
/** Rows of the list, before all of them are asked for. */
export const LISTED = 8;

/**
 * One line for those that lie close together, by their time.
 *
 * @param {Mark[]} marks by their time
 * @param {number} since in seconds
 * @param {number} until in seconds
 * @returns {MarkLine[]}
 */
export function lines(marks, since, until) {
	/** @type {MarkLine[]} */
	const found = [];
	for (const mark of marks) {
		const last = found.at(-1);
		if (last && mark.at - last.at < (until - since) * APART) last.marks.push(mark);
		else found.push({ at: mark.at, marks: [mark] });
	}
	return found;
}

/**
 * When it was, as far as that is known.
 *
 * @param {Translate} __
 * @param {Mark} mark
 * @returns {string}
 */
export function when(__, { at, since }) {
	const known = dateMinute(new Date(at * 1000));
	if (since === null) return known;
	return __("between {0} and {1}", [dateMinute(new Date(since * 1000)), known]);
}

/**
 * What stands beside a line: the first marks of it, and how many more there are.
 *
 * @param {Translate} __
 * @param {MarkLine} line
 * @returns {string}
 */
export function label(__, line) {
	const [first, second, ...rest] = line.marks;
	const said = [first, second].filter(Boolean).map((mark) => mark.text);
	const more = rest.length ? [__("{0} more", [rest.length])] : [];
	return `${when(__, first)}: ${[...said, ...more].join(" · ")}`;
}
