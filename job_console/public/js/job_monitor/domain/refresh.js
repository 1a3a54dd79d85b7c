// How often the page looks: as its reader wants it.

/** @import { Translate } from "./types/common" */
import { __ } from "./translatable.js";

export const LIVE = "live";
export const PAUSED = "paused";
const SECONDS = [5, 15, 60];

/** @type {string[]} */
export const PACES = [LIVE, ...SECONDS.map(String), PAUSED];

/**
 * What somebody has chosen before; anything else is live.
 *
 * @param {unknown} kept
 * @returns {string}
 */
export function paceOf(kept) {
	return PACES.includes(/** @type {string} */ (kept)) ? /** @type {string} */ (kept) : LIVE;
}

/**
 * Milliseconds between two looks. null: whenever something happens; Infinity: none, but when it is asked for.
 *
 * @param {string} pace
 * @returns {number | null}
 */
export function everyMs(pace) {
	if (pace === LIVE) return null;
	return pace === PAUSED ? Infinity : Number(pace) * 1000;
}

/**
 * The choices, as they are read. `arriving`: without events, "live" is a look every few seconds.
 *
 * @param {Translate} __
 * @param {boolean} arriving
 * @returns {{ value: string, label: string }[]}
 */
export function paceChoices(__, arriving) {
	return [
		{ value: LIVE, label: arriving ? __("Live") : __("Polling") },
		...SECONDS.map((each) => ({ value: String(each), label: __("Every {0} s", [each]) })),
		{ value: PAUSED, label: __("Paused") },
	];
}
