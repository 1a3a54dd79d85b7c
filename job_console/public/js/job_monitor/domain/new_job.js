// A job that is made in the page: what its arguments begin with, and what somebody has written.

/** @import { Translate } from "./types/common" */
/** @import { JobForm, ReadArguments } from "./types/new_job" */
import { isWhole, parseJson } from "./edited_arguments.js";

/**
 * What stands in the field at first: what one of its jobs was given, as far as that is shown whole, and what it needs
 * besides.
 *
 * @param {JobForm} form
 * @returns {string}
 */
export function firstArguments({ parameters, last }) {
	const given = Object.entries(last?.arguments || {}).filter(
		([name, value]) => name !== "…" && isWhole(value),
	);
	const needed = (parameters || []).filter((each) => each.required).map(({ name }) => name);
	const found = { ...Object.fromEntries(needed.map((name) => [name, null])) };
	return JSON.stringify({ ...found, ...Object.fromEntries(given) }, null, 2);
}

/**
 * `item, qty = 1`: what the function takes.
 *
 * @param {JobForm} form
 * @returns {string}
 */
export function takes({ parameters }) {
	return (parameters || [])
		.map((each) => (each.required ? each.name : `${each.name} = ${each.default}`))
		.join(", ");
}

/**
 * @param {Translate} __
 * @param {string} text
 * @returns {ReadArguments}
 */
export function readArguments(__, text) {
	const value = text.trim() ? parseJson(text) : {};
	if (value === null || typeof value !== "object" || Array.isArray(value)) {
		return {
			value: {},
			mistake: __('This is no JSON object. It is written like {"name": "value"}.'),
		};
	}
	return { value: /** @type {Record<string, unknown>} */ (value), mistake: "" };
}
