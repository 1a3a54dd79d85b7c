import { ref } from "vue";
import { wordsOf } from "../domain/action_words.js";

/** Runs, pauses and moves schedules, and tells what really happened. */
export function useScheduleActions({ host, api, feed }) {
	const { __ } = host;
	const running = ref(false);
	const done = ref(0); // how many were: whoever shows schedules looks again

	/** `action` of the API on one schedule. */
	function run(action, entry) {
		return perform(() => api.act({ action, job_ids: [entry.jobId] }), wordsOf(action).done);
	}

	/** Other times for some: [{record, cron}]. True when all of them have them. */
	async function move(moves) {
		const results = await perform(() => api.moveSchedules(moves), wordsOf("set_cron").done);
		return Boolean(results?.every((result) => result.ok));
	}

	async function perform(act, what) {
		running.value = true;
		try {
			const results = await act();
			const refused = results.find((result) => !result.ok);
			if (refused) host.notify(refused.reason, "orange");
			else if (results.length === 1)
				host.notify(__("The schedule is {0}.", [__(what)]), "green");
			else host.notify(__("{0} schedules are {1}.", [results.length, __(what)]), "green");
			return results;
		} catch (error) {
			host.notify(error.message, "red");
			return null;
		} finally {
			running.value = false;
			done.value += 1;
			feed.refresh();
		}
	}

	return { run, move, running, done };
}
