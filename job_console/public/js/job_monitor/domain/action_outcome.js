/** @import { Translate } from "./types/common" */
/** @import { Result } from "./types/action" */
import { wordsOf } from "./action_words.js";

/**
 * What really happened, from the answer of act(): a sentence, a colour, what was not done.
 *
 * @param {Translate} __
 * @param {string} action
 * @param {Result[]} results
 * @returns {{ text: string, color: string, refused: Result[] }}
 */
export function outcomeOf(__, action, results) {
	const refused = results.filter((r) => !r.ok);
	const done = results.length - refused.length;
	const what = __(wordsOf(action).done);
	if (!results.length) return { text: __("Nothing was to be done."), color: "gray", refused };
	// It was asked, and will do it, or how much of it was done: that is what happened.
	if (done === 1 && results.length === 1 && results[0].reason) {
		return { text: results[0].reason, color: "blue", refused };
	}
	if (!refused.length) {
		const text = done === 1 ? __("1 job {0}.", [what]) : __("{0} jobs {1}.", [done, what]);
		return { text, color: "green", refused };
	}
	if (results.length === 1) {
		return { text: refusalText(__, refused[0]), color: "orange", refused };
	}
	const figures = [done, results.length, what, refused.length];
	return {
		text:
			refused.length === 1
				? __("{0} of {1} jobs {2}; 1 was not.", figures)
				: __("{0} of {1} jobs {2}; {3} were not.", figures),
		color: done ? "orange" : "red",
		refused,
	};
}

/**
 * @param {Translate} __
 * @param {Pick<Result, "reason" | "stateBefore">} result
 * @returns {string}
 */
export function refusalText(__, result) {
	if (result.reason) return result.reason;
	const state = result.stateBefore || __("gone");
	return __("Not done: the job is {0}.", [state]);
}
