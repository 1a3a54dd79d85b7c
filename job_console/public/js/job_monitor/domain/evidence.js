/** @import { Translate } from "./types/common" */
import { count, dateTime, duration } from "./format.js";

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/**
 * One fact of a warning's evidence, as [name, value] for people.
 *
 * @param {Translate} __
 * @param {string} name
 * @param {unknown} value
 * @returns {[string, string]}
 */
export function fact(__, name, value) {
	if (name.endsWith("_s") && typeof value === "number") {
		return [words(name.slice(0, -2)), duration(__, value)];
	}
	return [words(name), text(__, value)];
}

// What "at_least" alone is about.
const COUNTED = ["count", "kills", "failures"];

/**
 * Evidence with its bounds said at the numbers that they are about: "at least 12" instead of 12, and yes.
 *
 * @param {Translate} __
 * @param {Record<string, unknown>} evidence
 * @returns {Record<string, unknown>}
 */
export function withBounds(__, evidence) {
	/** @type {Record<string, unknown>} */
	const facts = {};
	for (const [name, value] of Object.entries(evidence)) {
		if (name.endsWith("at_least")) continue;
		const isCut =
			evidence[`${name}_at_least`] === true ||
			(evidence.at_least === true && COUNTED.includes(name));
		facts[name] =
			isCut && typeof value === "number" ? __("at least {0}", [count(value)]) : value;
	}
	return facts;
}

/**
 * The id of the job that this fact names, if it does.
 *
 * @param {string} name
 * @param {unknown} value
 * @returns {string | null}
 */
export function jobIn(name, value) {
	return name.endsWith("job_id") && typeof value === "string" ? value : null;
}

/**
 * @param {string} name
 * @returns {string}
 */
function words(name) {
	return name.replaceAll("_", " ");
}

/**
 * @param {Translate} __
 * @param {unknown} value
 * @returns {string}
 */
function text(__, value) {
	if (value === null || value === undefined) return "";
	if (value === true) return __("yes");
	if (value === false) return __("no");
	if (typeof value === "string" && ISO_TIME.test(value)) return dateTime(new Date(value));
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}
