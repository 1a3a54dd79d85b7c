import { ref } from "vue";
import { outcomeOf } from "../domain/action_outcome.js";
import { wordsOf } from "../domain/action_words.js";
import { endChoices, secondsOf } from "../domain/holds.js";
import { OPERATION_WORDS } from "../domain/operation_words.js";

/**
 * What `api.operate` does to lanes, workers, methods and the bench. `resume` ends a suspension by
 * `api.act`, like an action on jobs.
 */
export const OPERATIONS = Object.keys(OPERATION_WORDS).filter((name) => name !== "resume");
const ENDING = ["resume_queue", "unquiet", "resume_method", "resume"];
/** These end by themselves, at a time that is asked for. */
const HOLDING = ["pause_queue", "quiet", "pause_method", "suspend"];

/** Operates the bench: says what will happen, asks why and until when, tells what did. */
export function useOperations({ host, api, feed, lanes }) {
	const { __ } = host;
	const running = ref(false);

	/** `target`: the full name of what is meant; `label`: what people call it. */
	async function run(action, target = "", label = target) {
		const words = wordsOf(action);
		const what = __(words.label).replace("…", "");
		const question = {
			title: label ? __("{0}: {1}", [what, label]) : what,
			message: __(words.explain),
			yes: what,
			danger: Boolean(words.destroys),
		};
		const answer = await ask(action, target, question);
		return answer && perform(action, target, answer);
	}

	async function ask(action, target, question) {
		if (ENDING.includes(action)) return (await host.confirm(question)) ? {} : null;
		const fields = [];
		if (action === "move_waiting" && !others(target).length) {
			host.notify(__("There is no other lane."), "orange");
			return null;
		}
		if (HOLDING.includes(action)) fields.push(untilField());
		if (action === "move_waiting") fields.push(laneField(target));
		fields.push({ name: "reason", label: __("Why? (others see it)"), type: "text" });
		return host.ask({ ...question, fields });
	}

	/** A warning's remedy, or that of a reason why a job waits. */
	function remedy(subject, { action }) {
		const { method, site: known } = subject.evidence || {};
		if (!action.endsWith("_method")) return run(action, subject.queue || "", subject.lane);
		const site = subject.site || known || feed.snapshot.value?.site;
		return run(action, site ? `${site}:${method}` : method, method);
	}

	async function perform(action, target, { until, reason, to }) {
		running.value = true;
		try {
			const seconds = until === undefined ? undefined : secondsOf(until, Date.now());
			const request = { action, target, seconds, reason, to };
			const results = await (action === "resume"
				? api.act({ action, reason })
				: api.operate(request));
			return tell(action, results);
		} catch (error) {
			host.notify(error.message, "red");
			return null;
		} finally {
			running.value = false;
			feed.refresh();
		}
	}

	function tell(action, results) {
		if (action === "move_waiting") {
			const { text, color } = outcomeOf(__, "move", results);
			host.notify(text, color);
			return results;
		}
		const [{ ok, reason }] = results;
		// Done, and what else is to be known: workers that do not obey.
		const done = __("Done: {0}.", [__(wordsOf(action).done)]);
		if (ok) host.notify(reason ? `${done} ${reason}` : done, reason ? "orange" : "green");
		else host.notify(reason, "orange");
		return results;
	}

	function untilField() {
		const options = endChoices(__, Date.now());
		return { name: "until", label: __("Until when?"), type: "select", options };
	}

	function others(from) {
		return lanes().filter((lane) => lane.name !== from);
	}

	function laneField(from) {
		const options = others(from).map((lane) => ({ value: lane.name, label: lane.label }));
		return { name: "to", label: __("To which lane?"), type: "select", options };
	}

	return { run, remedy, running };
}
