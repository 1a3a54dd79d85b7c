import { ref } from "vue";
import { outcomeOf } from "../domain/action_outcome.js";
import { wordsOf } from "../domain/action_words.js";
import { count } from "../domain/format.js";
import { questionOf, requestOf } from "../domain/group_retry.js";

// A request may act on so many: `PAGE_SIZE_MAX` of engine/look/limits.py.
export const DELETED_AT_ONCE = 500;

/** What is done to a whole group of failures. */
export function useFailureActions({ host, api, feed }) {
	const { __ } = host;
	const running = ref(false);
	/** Changes with everything that was done: who shows groups looks again. */
	const changed = ref(0);

	function tried({ total }) {
		if (total === 1) return __("The job is tried.");
		return __("One of {0} jobs is tried first.", [count(total)]);
	}

	async function retry(group, filters = {}) {
		const answer = await host.ask(questionOf(__, group));
		if (!answer) return null;
		const { queue, site } = filters;
		return perform(async () => {
			const request = { group: group.key, queue, site, ...requestOf(answer) };
			const { canary, results } = await api.retryGroup(request);
			if (canary) host.notify(tried(canary), "blue");
			else {
				const { text, color } = outcomeOf(__, "retry", results);
				host.notify(text, color);
			}
		});
	}

	async function cancel(canary) {
		const words = wordsOf("cancel_canary");
		const answer = await host.ask({
			title: __(words.label),
			message: __(words.explain),
			yes: __(words.label),
			fields: [
				{
					name: "reason",
					label: __("Why? (kept in the audit log)"),
					type: "text",
					optional: true,
				},
			],
		});
		if (!answer) return null;
		return perform(() => api.cancelCanary({ canary: canary.name, reason: answer.reason }));
	}

	async function perform(what) {
		running.value = true;
		try {
			await what();
		} catch (error) {
			host.notify(error.message, "red");
		} finally {
			running.value = false;
			changed.value += 1;
			feed.refresh();
		}
		return null;
	}

	return { retry, cancel, running, changed };
}
