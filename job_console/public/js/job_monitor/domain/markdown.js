// The little Markdown that our own pages about warnings are written in: paragraphs, lists, **bold**,
// `code`. What else stands there is text. As parts, not as HTML: nothing of it can become a tag.

/** @import { Block, Span } from "./types/warning" */

const LIST = /^- /;
const SPAN = /(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\(https?:[^)\s]+\))/;

/**
 * @param {string} text
 * @returns {Block[]}
 */
export function blocks(text) {
	return text
		.split(/\n{2,}/)
		.map((part) => part.trim())
		.filter(Boolean)
		.map((part) => {
			const lines = part.split("\n");
			if (!lines.every((line) => LIST.test(line)))
				return { items: [spans(part)], list: false };
			return { items: lines.map((line) => spans(line.replace(LIST, ""))), list: true };
		});
}

/**
 * @param {string} text
 * @returns {Span[]}
 */
function spans(text) {
	return text
		.split(SPAN)
		.filter(Boolean)
		.map((part) => {
			if (part.startsWith("**")) return { kind: "strong", text: part.slice(2, -2) };
			if (part.startsWith("`")) return { kind: "code", text: part.slice(1, -1) };
			const link = /^\[([^\]]+)\]\((https?:[^)\s]+)\)$/.exec(part);
			if (link) return { kind: "link", text: link[1], href: link[2] };
			return { kind: "text", text: part.replaceAll("\n", " ") };
		});
}
