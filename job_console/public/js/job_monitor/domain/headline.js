/** @import { Translate } from "./types/common" */
/** @import { Snapshot } from "./types/snapshot" */
import { bySilence } from "./silencing.js";

/** @typedef {Pick<Snapshot, "warnings" | "health">} Seen */

/**
 * The sentence at the top of the page: is all well, and if not, how many things ask.
 *
 * @param {Translate} __
 * @param {Seen} snapshot
 * @returns {string}
 */
export function verdictSentence(__, snapshot) {
	const { asking, silenced } = serious(snapshot);
	if (asking === 1) return __("1 thing needs you.");
	if (asking > 1) return __("{0} things need you.", [asking]);
	if (snapshot.health.verdict !== "ok" && snapshot.health.reasons.length) {
		return snapshot.health.reasons[0];
	}
	if (silenced === 1) return __("Nothing else needs you: 1 warning is silenced.");
	if (silenced > 1) {
		return __("Nothing else needs you: {0} warnings are silenced.", [silenced]);
	}
	return __("All is well.");
}

/**
 * @param {Seen} snapshot
 * @returns {number}
 */
export function askingCount(snapshot) {
	return serious(snapshot).asking;
}

/**
 * Green is for what is well: what somebody silenced is not.
 *
 * @param {Seen} snapshot
 * @returns {"green" | "orange" | "red" | "gray" | "quiet"}
 */
export function verdictColor(snapshot) {
	const { verdict, telling } = snapshot.health;
	if (!telling) return "gray";
	if (verdict === "critical") return "red";
	if (verdict === "warning") return "orange";
	return serious(snapshot).silenced ? "quiet" : "green";
}

/**
 * How many warnings are more than information: those that ask, and those that do not any more.
 *
 * @param {Seen} snapshot
 */
function serious({ warnings }) {
	const { asking, silenced } = bySilence(warnings.filter((each) => each.severity !== "info"));
	return { asking: asking.length, silenced: silenced.length };
}
