// A traceback as people read it: the app's own frames, and the others folded between them.

/** @import { TracebackPart, TracebackRow } from "./types/job" */

const APP = "app";
const FRAMEWORK = "framework";

/**
 * Neighbouring frames of other people's code are one row. Where none is the app's, the innermost of the
 * framework stays, or the innermost of all.
 *
 * @param {TracebackPart[]} parts
 * @returns {TracebackRow[]}
 */
export function tracebackRows(parts) {
	const innermost = innermostOf(parts);
	/** @type {TracebackRow[]} */
	const rows = [];
	for (const part of parts) {
		const folded = Boolean(part.file) && part.whose !== APP && part !== innermost;
		const last = rows.at(-1);
		if (folded && last?.folded) last.parts.push(part);
		else rows.push({ parts: [part], folded, innermost: part === innermost });
	}
	return rows;
}

/**
 * As the engine says where a failure was (engine/rq/frames.py), but for chained exceptions.
 *
 * @param {TracebackPart[]} parts
 * @returns {TracebackPart | undefined}
 */
function innermostOf(parts) {
	const frames = parts.filter((part) => part.file).reverse();
	const of = (/** @type {string} */ whose) => frames.find((part) => part.whose === whose);
	return of(APP) || of(FRAMEWORK) || frames[0];
}

/** What an address of an editor may look like: `vscode://file/{file}:{line}`. */
const EDITOR = /^(?!javascript:|data:|vbscript:)[a-z][a-z0-9+.-]*:\/\/\S*\{file\}\S*$/i;

/**
 * @param {string} template
 * @returns {boolean}
 */
export function isEditor(template) {
	return EDITOR.test(template);
}

/**
 * The address that opens this line in the reader's editor; null where there is none.
 *
 * @param {string} template
 * @param {TracebackPart} part
 * @returns {string | null}
 */
export function editorUrl(template, { file, line }) {
	if (!isEditor(template) || !file?.startsWith("/")) return null;
	return template
		.replaceAll("{file}", encodeURI(file).replace(/[?#]/g, encodeURIComponent))
		.replaceAll("{line}", String(line ?? 1));
}
