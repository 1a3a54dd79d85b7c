import { ref } from "vue";
import { outcomeOf } from "../domain/outcome.js";
import { verb } from "../domain/verbs.js";

/**
 * Does things to jobs, in three steps that are always the same: say what will happen and
 * ask where work may be lost; do it; tell what really happened, job by job.
 */
export function useActions({ host, api, feed, lanes }) {
	const { __ } = host;
	const running = ref(null); // the action under way
	const outcome = ref(null); // the last one's: {text, color, refused, action, jobs}

	async function run(action, jobs) {
		const allowed = jobs.filter((job) => job.actions.includes(action));
		if (!allowed.length) return refuse(action, jobs);
		const words = await consent(action, allowed);
		if (!words) return null;
		return perform({ action, job_ids: allowed.map((j) => j.id), ...words }, allowed);
	}

	/** A warning's remedy. What is not safe wants a reason, which the audit log keeps. */
	async function remedy(warning, { action, label, safe, explain }) {
		const words = await question({
			title: label,
			message: explain || __(verb(action).explain),
			yes: label,
			danger: !safe,
			fields: safe ? [] : [reasonField()],
			skip: safe,
		});
		if (!words) return null;
		return perform({
			action,
			job_ids: warning.jobId ? [warning.jobId] : undefined,
			queue: warning.queue,
			...words,
		});
	}

	async function consent(action, jobs) {
		const what = verb(action);
		const fields = [];
		if (what.needsLane) fields.push(laneField(jobs));
		if (what.needsReason) fields.push(reasonField());
		return question({
			title: titleOf(action, jobs),
			message: __(what.explain),
			yes: __(what.label).replace("…", ""),
			danger: what.destroys,
			fields,
			skip: !what.destroys && jobs.length === 1,
		});
	}

	async function question({ fields, skip, ...words }) {
		if (fields.length) return host.ask({ ...words, fields });
		if (skip) return {};
		return (await host.confirm(words)) ? {} : null;
	}

	function titleOf(action, jobs) {
		const label = __(verb(action).label).replace("…", "");
		return jobs.length === 1
			? __("{0}: {1}", [label, jobs[0].label])
			: __("{0}: {1} jobs", [label, jobs.length]);
	}

	function laneField(jobs) {
		const from = new Set(jobs.map((j) => j.queue));
		const others = lanes().filter((lane) => from.size > 1 || !from.has(lane.name));
		const options = others.map((lane) => ({ value: lane.name, label: lane.label }));
		return { name: "to", label: __("To which lane?"), type: "select", options };
	}

	function reasonField() {
		return { name: "reason", label: __("Why? (kept in the audit log)"), type: "text" };
	}

	async function perform(request, jobs = []) {
		running.value = request.action;
		try {
			const results = await api.act(request);
			report({ ...outcomeOf(__, request.action, results), results, jobs });
		} catch (error) {
			report({ text: error.message, color: "red", refused: [], results: [], jobs });
		} finally {
			running.value = null;
		}
		feed.refresh();
		return outcome.value;
	}

	function refuse(action, jobs) {
		if (!jobs.length) return null;
		const label = __(verb(action).label).replace("…", "");
		return report({
			text: __("{0} is not possible in this state.", [label]),
			color: "orange",
			refused: [],
			results: [],
			jobs,
		});
	}

	function report(what) {
		outcome.value = { ...what, at: Date.now() };
		host.notify(what.text, what.color);
		return outcome.value;
	}

	return { run, remedy, running, outcome, dismiss: () => (outcome.value = null) };
}
