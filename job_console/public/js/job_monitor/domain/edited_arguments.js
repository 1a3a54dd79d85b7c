// A job's arguments as fields of a form, and what somebody has changed in them.

// What stands for a value that is not shown, or not shown whole: a secret, a cut, something that JSON cannot say.
const NOT_WHOLE = /••••••|…|"<[^"]*>"/;
const SHORT = 60;

/** One of each argument: {name, text, was}. Where the value is not shown whole, `was` is null and the field empty. */
export function argumentFields(args) {
	return Object.entries(args)
		.filter(([name]) => name !== "…")
		.map(([name, value]) => {
			const was = NOT_WHOLE.test(JSON.stringify(value)) ? null : toJsonText(value);
			return { name, text: was ?? "", was };
		});
}

/** {changes: {name: value}, differences: [{name, before, after}], mistakes: {name: text}}. */
export function readChanges(__, fields) {
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

function toJsonText(value) {
	const line = JSON.stringify(value);
	return line.length > SHORT ? JSON.stringify(value, null, 2) : line;
}

/** undefined: it is no JSON. */
function parseJson(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
