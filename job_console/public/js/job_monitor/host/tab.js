// What the browser's tab says while nobody looks at it: how many things ask, in its title and its icon.

/** @type {Record<string, string>} */
const FILLS = { red: "#e03636", orange: "#e07b00", green: "#2f9e44" };
const QUIET = "#868e96";

/**
 * @param {number} number
 */
export function numberTitle(number) {
	const plain = document.title.replace(/^\(\d+\) /, "");
	document.title = number ? `(${number}) ${plain}` : plain;
}

/**
 * @param {number} number
 * @param {string} color of the verdict
 * @returns {string} an address for a link of the kind "icon"
 */
export function icon(number, color) {
	const text = number > 99 ? "99" : number || "";
	const shape =
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` +
		`<circle cx="16" cy="16" r="16" fill="${FILLS[color] || QUIET}"/>` +
		`<text x="16" y="23" font-family="sans-serif" font-size="20" font-weight="bold" fill="#fff"` +
		` text-anchor="middle">${text}</text></svg>`;
	return `data:image/svg+xml,${encodeURIComponent(shape)}`;
}
