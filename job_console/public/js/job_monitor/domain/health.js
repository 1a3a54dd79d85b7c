/** @import { Translate } from "./types/common" */
/** @import { Snapshot } from "./types/snapshot" */

/**
 * The sentence at the top of the page: is all well, and if not, how many things ask.
 *
 * @param {Translate} __
 * @param {Pick<Snapshot, "warnings" | "health">} snapshot
 * @returns {string}
 */
export function verdictSentence(__, snapshot) {
	const waiting = snapshot.warnings.filter((w) => w.severity !== "info" && !w.silenced).length;
	if (waiting === 1) return __("1 thing needs you.");
	if (waiting > 1) return __("{0} things need you.", [waiting]);
	if (snapshot.health.verdict !== "ok" && snapshot.health.reasons.length) {
		return snapshot.health.reasons[0];
	}
	return __("All is well.");
}

/**
 * @param {Pick<Snapshot, "health">} snapshot
 * @returns {string}
 */
export function verdictColor(snapshot) {
	if (!snapshot.health.telling) return "gray";
	return { ok: "green", warning: "orange", critical: "red" }[snapshot.health.verdict] || "gray";
}
