import { ref } from "vue";
import { outcomeOf } from "../domain/action_outcome.js";
import { undoOf, wordsOf } from "../domain/action_words.js";
import { count } from "../domain/format.js";

/** How long an undo is offered. */
export const UNDO_MS = 10_000;
const STOPS = ["stop_gently", "stop"];

/**
 * Does things to jobs, in three steps that are always the same: say what will happen and
 * ask where work may be lost; do it; tell what really happened, job by job. What can be
 * undone does not ask: it offers the way back for a while.
 */
export function useJobActions({ host, api, feed, lanes }) {
	const { __ } = host;
	const running = ref(null); // the action under way
	const outcome = ref(null); // the last one's: {text, color, refused, results, jobs}
	let undoing = null; // the way back from the last one: {run, close, timer}

	async function run(action, jobs) {
		const allowed = jobs.filter((job) => job.actions.includes(action));
		if (!allowed.length) return refuse(action, jobs);
		const words = await confirmAction(action, allowed);
		if (!words) return null;
		return perform({ action, job_ids: allowed.map((j) => j.id), ...words }, allowed);
	}

	/** A warning's remedy. What is not safe wants a reason, which the audit log keeps. */
	async function remedy(warning, { action, label, safe, explain }) {
		const words = await askOrConfirm({
			title: label,
			message: explain || __(wordsOf(action).explain),
			yes: label,
			danger: !safe,
			fields: safe ? [] : [reasonField()],
			skip: safe,
		});
		if (!words) return null;
		if (warning.evidence?.count > 1) {
			return perform({ warning: warning.key, action, ...words });
		}
		return perform({
			action,
			job_ids: warning.jobId ? [warning.jobId] : undefined,
			queue: warning.queue,
			// All runs of a schedule have one id: only the one that was seen is stopped.
			started_at: STOPS.includes(action) ? warning.evidence?.started_at : undefined,
			...words,
		});
	}

	async function confirmAction(action, jobs) {
		const what = wordsOf(action);
		const harms = action === "retry" && jobs.some((job) => job.repeat === "unsafe");
		const canUndo = undoOf(
			action,
			jobs.map((job) => job.status),
		);
		const fields = [];
		if (what.needsLane) fields.push(laneField(jobs));
		if (harms) fields.push(reasonField());
		return askOrConfirm({
			title: titleOf(action, jobs),
			message: harms ? repeatWarning(jobs) : __(what.explain),
			yes: __(what.label).replace("…", ""),
			danger: what.destroys || harms,
			fields,
			skip: canUndo || (!what.destroys && jobs.length === 1),
		});
	}

	/** Said before work is done twice. */
	function repeatWarning(jobs) {
		const stays = __(
			"What the last run did before it ended stays done, and may be done a second time.",
		);
		const unsafe = jobs.filter((job) => job.repeat === "unsafe").length;
		const which =
			jobs.length === 1
				? __("Its policy says that it is not safe to repeat.")
				: __("{0} of them are not safe to repeat, say their policies.", [unsafe]);
		return `${which} ${stays}`;
	}

	async function askOrConfirm({ fields, skip, ...words }) {
		if (fields.length) return host.ask({ ...words, fields });
		if (skip) return {};
		return (await host.confirm(words)) ? {} : null;
	}

	function titleOf(action, jobs) {
		const label = __(wordsOf(action).label).replace("…", "");
		return jobs.length === 1
			? __("{0}: {1}", [label, jobs[0].label])
			: __("{0}: {1} jobs", [label, count(jobs.length)]);
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
		forgetUndo();
		try {
			const results = await (request.warning ? api.remedy(request) : api.act(request));
			const outcomeNow = { ...outcomeOf(__, request.action, results), results, jobs };
			report(outcomeNow, undoFor(request.action, results, jobs));
		} catch (error) {
			report({ text: error.message, color: "red", refused: [], results: [], jobs });
		} finally {
			running.value = null;
		}
		feed.refresh();
		return outcome.value;
	}

	/** One job, as a new one with these arguments changed. The answer is its result. */
	async function retryEdited(job, changes, reason) {
		running.value = "retry_edited";
		forgetUndo();
		try {
			const result = await api.retryEdited({ job_id: job.id, changes, reason });
			feed.refresh();
			return result;
		} catch (error) {
			return { ok: false, newJobId: null, reason: error.message };
		} finally {
			running.value = null;
		}
	}

	/** What was really done decides what can be undone, not what was on the screen. */
	function undoFor(action, results, jobs) {
		const back = results.filter((r) => r.ok && undoOf(action, [r.stateBefore]));
		if (!back.length) return null;
		const { action: reverse, one, many } = wordsOf(action).undo;
		const ids = new Set(back.map((r) => r.jobId));
		const touched = jobs.filter((job) => ids.has(job.id));
		return {
			label: __("Undo"),
			explain: __(back.length === 1 ? one : many),
			seconds: UNDO_MS / 1000,
			run: () => perform({ action: reverse, job_ids: [...ids] }, touched),
		};
	}

	function refuse(action, jobs) {
		if (!jobs.length) return null;
		const label = __(wordsOf(action).label).replace("…", "");
		return report({
			text: __("{0} is not possible in this state.", [label]),
			color: "orange",
			refused: [],
			results: [],
			jobs,
		});
	}

	function report(what, back = null) {
		const text = back ? `${what.text} ${back.explain}` : what.text;
		outcome.value = { ...what, text, at: Date.now() };
		if (back) offerUndo(text, what.color, back);
		else host.notify(text, what.color);
		return outcome.value;
	}

	function offerUndo(text, color, back) {
		const close = host.notify(text, color, { ...back, run: undo });
		undoing = { run: back.run, close, timer: setTimeout(forgetUndo, UNDO_MS) };
	}

	/** Once, and only while it is offered. */
	function undo() {
		if (!undoing || running.value) return null;
		return undoing.run();
	}

	function forgetUndo() {
		clearTimeout(undoing?.timer);
		undoing?.close?.();
		undoing = null;
	}

	return {
		run,
		remedy,
		retryEdited,
		undo,
		running,
		outcome,
		dismiss: () => (outcome.value = null),
	};
}
