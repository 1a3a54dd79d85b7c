// The query language as the page needs it: to find a term in what is written, and to put one there. What a query
// means, and what is wrong with one, the engine says: docs/query.md.

/** @import { QueryTerm } from "./types/query" */

const TERM =
	/(-?)(?:([A-Za-z]+|arg\.[^\s:"]+):(?!:|\/\/))?((?:"(?:\\.|[^"\\])*(?:"|$)|[^\s"])*)/gy;

/**
 * The terms of a query, as they are written. Whatever the text is, each of its words is in one of them.
 *
 * @param {string} text
 * @returns {QueryTerm[]}
 */
export function queryTerms(text) {
	const found = [];
	let place = 0;
	while (place < text.length) {
		if (/\s/.test(text[place])) {
			place += 1;
			continue;
		}
		TERM.lastIndex = place;
		const [whole, dash, field, written] = TERM.exec(text) ?? [
			text[place],
			"",
			"",
			text[place],
		];
		const end = place + Math.max(whole.length, 1);
		found.push({
			field: (field || "").toLowerCase(),
			negated: dash === "-",
			value: unquoted(written),
			start: place,
			end,
		});
		place = end;
	}
	return found;
}

/**
 * What a query asks of one field; "" where it says nothing of it, or more than one thing.
 *
 * @param {string} text
 * @param {string} field
 * @returns {string}
 */
export function termValue(text, field) {
	const found = queryTerms(text).filter((term) => term.field === field && !term.negated);
	return found.length === 1 ? found[0].value : "";
}

/**
 * The query with one term for this field, or with none.
 *
 * @param {string} text
 * @param {string} field
 * @param {string} value
 * @returns {string}
 */
export function withTerm(text, field, value) {
	const others = queryTerms(text).filter((term) => term.field !== field || term.negated);
	const kept = others.map((term) => text.slice(term.start, term.end));
	return [...kept, ...(value ? [`${field}:${quoted(value)}`] : [])].join(" ");
}

/**
 * As it is written in a query.
 *
 * @param {string} value
 * @returns {string}
 */
export function quoted(value) {
	if (value && !/[\s",]/.test(value)) return value;
	return `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`;
}

/**
 * @param {string} written
 * @returns {string}
 */
function unquoted(written) {
	if (!written.startsWith('"')) return written;
	return written.replace(/^"|"$/g, "").replace(/\\(["\\])/g, "$1");
}

// Words of an address that came before the query: links still carry them.
const OLDER = ["status", "queue", "method", "user", "site"];

/**
 * The query that an address asks for.
 *
 * @param {Record<string, string | undefined>} filters
 * @param {(lane: string) => string} laneLabel
 * @returns {string}
 */
export function queryOf(filters, laneLabel = (lane) => lane) {
	const terms = OLDER.filter((name) => filters[name]).map((name) => {
		const value = String(filters[name]);
		return `${name}:${quoted(name === "queue" ? laneLabel(value) : value)}`;
	});
	return [filters.q, ...terms, filters.text && quoted(filters.text)].filter(Boolean).join(" ");
}

/**
 * Whether jobs must be read to know if they match: then it is a search. Lane and state are known by the lists.
 *
 * @param {string} text
 * @returns {boolean}
 */
export function isSearch(text) {
	return queryTerms(text).some((term) => !["status", "queue"].includes(term.field));
}
