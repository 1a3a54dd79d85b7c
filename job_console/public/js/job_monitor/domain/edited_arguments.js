// A job's arguments as fields of a form, and what somebody has changed in them.

/** @import { Translate } from "./types/common" */
/** @import { ArgumentChanges, ArgumentField } from "./types/view" */

// What stands for a value that is not shown, or not shown whole: a secret, a cut, something that JSON cannot say.
const NOT_WHOLE = /••••••|…|"<[^"]*>"/;
const SHORT = 60;

/**
 * A field for each argument. Where its value is not shown whole, `was` is null and the field empty.
 *
 * @param {Record<string, unknown>} args
 * @returns {ArgumentField[]}
 */
export function argumentFields(args) {
	return Object.entries(args)
		.filter(([name]) => name !== "…")
		.map(([name, value]) => {
			const was = isWhole(value) ? toJsonText(value) : null;
			return { name, text: was ?? "", was };
		});
}

/**
 * Whether a value is shown as it is: no secret is hidden in it, and nothing is cut.
 *
 * @param {unknown} value
 * @returns {boolean}
 */
export function isWhole(value) {
	return !NOT_WHOLE.test(JSON.stringify(value));
}

/**
 * @param {Translate} __
 * @param {ArgumentField[]} fields
 * @returns {ArgumentChanges}
 */
export function readChanges(__, fields) {
	/** @type {ArgumentChanges} */
	const found = { changes: {}, differences: [], mistakes: {} };
	for (const { name, text, was } of fields) {
		if (text.trim() === (was ?? "")) continue;
		const value = parseJson(text);
		if (value === undefined) {
			found.mistakes[name] = __('This is not JSON. Text goes in quotes: "like this".');
		} else if (was === null || toJsonText(value) !== was) {
			found.changes[name] = value;
			found.differences.push({
				name,
				before: was ?? __("(not shown)"),
				after: toJsonText(value),
			});
		}
	}
	return found;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function toJsonText(value) {
	const line = JSON.stringify(value);
	return line.length > SHORT ? JSON.stringify(value, null, 2) : line;
}

/**
 * undefined: it is no JSON.
 *
 * @param {string} text
 * @returns {unknown}
 */
export function parseJson(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
