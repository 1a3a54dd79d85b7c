// Times of the wire into Dates.

/**
 * @param {string | null | undefined} text
 * @returns {Date | null}
 */
export function toDate(text) {
	if (!text) return null;
	const date = new Date(text);
	return Number.isNaN(date.getTime()) ? null : date;
}
