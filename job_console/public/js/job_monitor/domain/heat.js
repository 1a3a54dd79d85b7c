// How many took how long, over time: the cells of a heat map, and the numbers of the table behind it. Pure.

import { count } from "./format.js";
import { written } from "./charts.js";

/** @import { Translate } from "./types/common" */
/** @import { Chart, Heat } from "./types/metrics" */
/** @typedef {{ at: number, low: number, high: number, count: number, shade: number }} Cell */

/** A bucket ends at so many times its beginning: ten of them are a factor of ten. */
const WIDTH = 10 ** 0.1;
/** The faintest cell is one run, and can still be seen. */
const FAINTEST = 0.15;
const MARKS = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 86_400, 864_000];
const FINER = [
	...[-3, -2, -1, 0].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power)),
	...[10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000, 86_400],
];
/** The map has some air, so that a single bucket is a band and not the whole. */
const AIR = 1.6;

/**
 * Cells that hold anything; `shade` grows with the logarithm of the count, up to 1 for the fullest one.
 *
 * @param {Heat} heat
 * @returns {Cell[]}
 */
export function cells({ ends, counts }) {
	const most = Math.max(0, ...counts.flat());
	return counts.flatMap((row, at) =>
		row.flatMap((count, number) =>
			count > 0
				? [
						{
							at,
							low: ends[number] / WIDTH,
							high: ends[number],
							count,
							shade: shade(count, most),
						},
					]
				: [],
		),
	);
}

/**
 * @param {number} count
 * @param {number} most
 */
function shade(count, most) {
	return most > 1 ? FAINTEST + ((1 - FAINTEST) * Math.log(count)) / Math.log(most) : 1;
}

/**
 * From where to where the axis reaches.
 *
 * @param {Heat} heat
 * @returns {[number, number]}
 */
export function reach({ ends }) {
	return [ends[0] / WIDTH / AIR, ends[ends.length - 1] * AIR];
}

/**
 * Where the axis says how long: round durations, finer ones where few fit in.
 *
 * @param {Heat} heat
 * @returns {number[]}
 */
export function ticks(heat) {
	const [low, high] = reach(heat);
	const within = (/** @type {number} */ mark) => mark >= low && mark <= high;
	const found = MARKS.filter(within);
	return found.length > 1 ? found : FINER.filter(within);
}

/**
 * What is under a pointer, in words; empty: nothing is.
 *
 * @param {Translate} __
 * @param {Heat} heat
 * @param {number} at
 * @param {number} seconds
 */
export function told(__, { ends, counts }, at, seconds) {
	const number = ends.findIndex((end) => seconds <= end);
	const found = counts[at]?.[number];
	if (!found) return "";
	const [low, high] = [ends[number] / WIDTH, ends[number]].map((each) =>
		written(__, "seconds", each),
	);
	return `${low} – ${high}: ${count(found)}`;
}

/**
 * The same numbers by powers of ten, as a chart has them: for the table and for who cannot see the map.
 *
 * @param {Translate} __
 * @param {string} id
 * @param {string} title
 * @param {Heat} heat
 * @returns {Chart & { heat: Heat }}
 */
export function heatChart(__, id, title, heat) {
	const power = (/** @type {number} */ end) => Math.ceil(Math.log10(end) - 0.01);
	const powers = [...new Set(heat.ends.map(power))];
	const series = powers.map((each) => ({
		label: __("up to {0}", [written(__, "seconds", 10 ** each)]),
		values: heat.counts.map((row) =>
			row.reduce((sum, n, number) => sum + (power(heat.ends[number]) === each ? n : 0), 0),
		),
		colour: "--blue-500",
		dash: [],
	}));
	return { id, title, unit: "count", series, heat };
}
