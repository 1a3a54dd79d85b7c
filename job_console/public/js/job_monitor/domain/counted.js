// A number of things in words. The translator knows no plurals, so each has two messages: one for one, one for all else.

import { count } from "./format.js";

/** @import { Translate } from "./types/common" */

/**
 * @param {Translate} __
 * @param {number} jobs
 * @param {string} [text] the number as it is written, where it is an estimate
 * @returns {string}
 */
export function jobsText(__, jobs, text = count(jobs)) {
	return jobs === 1 ? __("1 job") : __("{0} jobs", [text]);
}
