// What a new answer has in common with the last one stays the very same object, so that what shows it is not drawn anew.

/**
 * `after`, with each part of `before` in its place that says the same. Rows of a list are known by their id, name, key or record.
 *
 * @template T
 * @param {unknown} before
 * @param {T} after
 * @returns {T}
 */
export function keepUnchanged(before, after) {
	if (Object.is(before, after)) return after;
	if (before instanceof Date && after instanceof Date) {
		return before.getTime() === after.getTime() ? /** @type {T} */ (before) : after;
	}
	const same = Array.isArray(after) ? keepRows(before, after) : keepFields(before, after);
	return same ? /** @type {T} */ (before) : after;
}

/**
 * Whether nothing is new in it; what is not new is put in its place.
 *
 * @param {any} before
 * @param {any[]} after
 */
function keepRows(before, after) {
	if (!Array.isArray(before)) return false;
	const known = new Map(before.map((row, at) => [keyOf(row, at), row]));
	let same = before.length === after.length;
	after.forEach((row, at) => {
		after[at] = keepUnchanged(known.get(keyOf(row, at)), row);
		same = same && after[at] === before[at];
	});
	return same;
}

/**
 * @param {any} before
 * @param {any} after
 */
function keepFields(before, after) {
	if (!isPlain(before) || !isPlain(after)) return false;
	const names = Object.keys(after);
	let same = names.length === Object.keys(before).length;
	for (const name of names) {
		after[name] = keepUnchanged(before[name], after[name]);
		same = same && name in before && Object.is(after[name], before[name]);
	}
	return same;
}

/**
 * @param {any} row
 * @param {number} at
 */
function keyOf(row, at) {
	return row?.id ?? row?.name ?? row?.key ?? row?.record ?? at;
}

/** @param {unknown} value */
function isPlain(value) {
	return Object.prototype.toString.call(value) === "[object Object]";
}
