// What can be done, in words: the button, what will happen, and how the outcome reads.
// A new action of the engine gets one entry, here or beside its kind; everything else finds it by its name.

/** @import { ActionWords, Undo } from "./types/action" */
/** @import { Job } from "./types/job" */
import { OPERATION_WORDS } from "./operation_words.js";
import { SCHEDULE_ACTIONS } from "./schedule_action_words.js";
import { __ } from "./translatable.js";

/** @type {Record<string, ActionWords>} */
export const ACTIONS = {
	retry: {
		icon: "retry",
		label: __("Retry"),
		done: __("put back in its lane"),
		explain: __("It goes back to the end of its lane and runs again from the start."),
	},
	// Said in the audit trail only.
	edit_and_retry: {
		icon: "retry",
		label: __("Edit and retry"),
		done: __("enqueued anew, with other arguments"),
		explain: __("It runs as a new job, with some of its arguments changed."),
	},
	make_job: { icon: "play", label: __("New job"), done: __("made"), explain: "" },
	skip_missed: {
		icon: "ban",
		label: __("Skip missed runs"),
		done: __("skipped"),
		explain: __("What was missed is not made up for."),
	},
	catch_up: {
		icon: "clock",
		label: __("Make up for missed runs"),
		done: __("made up for"),
		explain: __("It runs once for each time that was missed."),
	},
	pause: {
		icon: "pause",
		label: __("Pause"),
		done: __("paused"),
		explain: __(
			"It commits its present chunk and ends its run. The rest waits until somebody resumes it.",
		),
	},
	unpause: {
		icon: "play",
		label: __("Resume"),
		done: __("resumed"),
		explain: __("It goes to the end of its lane, and on after its last chunk."),
	},
	close_circuit: {
		icon: "play",
		label: __("Close the circuit"),
		done: __("let go"),
		explain: __("The retries that wait go back to their lane at once, and count as ever."),
	},
	hand_over: {
		icon: "move",
		label: __("Hand over"),
		done: __("handed over"),
		explain: __("It commits its present chunk and leaves the rest to a fresh run."),
	},
	more_time: {
		icon: "clock",
		label: __("More time"),
		done: __("given more time"),
		explain: __("Its timeout is put off, once, as far as its worker allows."),
	},
	stop_gently: {
		icon: "stop",
		label: __("Stop gently"),
		done: __("stopped"),
		destroys: true,
		explain: __(
			"It is asked to stop; if it does not listen it is interrupted, rolls back and cleans up; if it cannot hear, its process is killed. What it has committed stays.",
		),
	},
	// Rungs of that, as they are noted on the job.
	interrupt: { icon: "stop", label: __("Interrupting it"), done: "", explain: "" },
	hard_stop: { icon: "stop", label: __("Stopping it by its worker"), done: "", explain: "" },
	kill: { icon: "stop", label: __("Killing it"), done: "", explain: "" },
	stop: {
		icon: "stop",
		label: __("Stop"),
		done: __("stopped"),
		destroys: true,
		explain: __(
			"Its worker kills the process. What it has committed stays; the rest of its work is lost.",
		),
	},
	cancel: {
		icon: "ban",
		label: __("Cancel"),
		done: __("canceled"),
		destroys: true,
		// Only what stood in a lane can go back there. A scheduled job would run at once,
		// and a deferred one too early: canceling those asks first.
		undo: {
			from: "queued",
			action: "retry",
			one: __("Undo puts it back at the end of its lane."),
			many: __("Undo puts them back at the end of their lanes."),
		},
		explain: __("It leaves its lane and will not run. Its record stays for a while."),
	},
	front: {
		icon: "up",
		label: __("Run next"),
		done: __("moved to the front"),
		explain: __("It moves to the front of its lane."),
	},
	move: {
		icon: "move",
		label: __("Move…"),
		done: __("moved"),
		needsLane: true,
		explain: __("It leaves its lane and waits at the end of the other one."),
	},
	requeue: {
		icon: "retry",
		label: __("Put back in its lane"),
		done: __("put back in its lane"),
		explain: __("Its record is repaired and it waits in its lane again."),
	},
	fail: {
		icon: "cross",
		label: __("Mark as failed"),
		done: __("marked as failed"),
		destroys: true,
		explain: __("No worker runs it any more. It is recorded as failed and can be retried."),
	},
	free: {
		icon: "trash",
		label: __("Free its id"),
		done: __("freed"),
		explain: __("The ghost's record is removed, so that the same work can be enqueued again."),
	},
	delete: {
		icon: "trash",
		label: __("Delete"),
		done: __("deleted"),
		destroys: true,
		explain: __("Its record, its outcome and its traceback are removed for good."),
	},
	clear: {
		icon: "trash",
		label: __("Clear"),
		done: __("cleared"),
		explain: __("The id of a job that no longer exists is taken out of the lane."),
	},
	release_lock: {
		icon: "unlock",
		label: __("Release lock"),
		done: __("released"),
		explain: __("It is taken from its holder, who can commit nothing more under it."),
	},
	extend_lock: {
		icon: "clock",
		label: __("Extend lock"),
		done: __("extended"),
		explain: __("Its lease ends later."),
	},
	// Of a group of failures.
	start_canary: {
		icon: "retry",
		label: __("Retry the group, one first"),
		done: "",
		explain: "",
	},
	cancel_canary: {
		icon: "stop",
		label: __("End the retry"),
		done: __("ended"),
		explain: __(
			"No more of them are retried. What runs goes on; what was not retried stays failed.",
		),
	},
	end_canary: {
		icon: "check",
		label: __("The retry of the group ended"),
		done: "",
		explain: "",
	},
	// On all jobs of a query, as the audit trail says it.
	bulk_cancel: { icon: "ban", label: __("Cancel all of a query"), done: "", explain: "" },
	bulk_retry: { icon: "retry", label: __("Retry all of a query"), done: "", explain: "" },
	bulk_move: { icon: "move", label: __("Move all of a query"), done: "", explain: "" },
	bulk_front: { icon: "up", label: __("Run all of a query next"), done: "", explain: "" },
	bulk_delete: { icon: "trash", label: __("Delete all of a query"), done: "", explain: "" },
	// On saved views that are shared, as the audit trail says it.
	save_view: { icon: "star", label: __("Share a view"), done: "", explain: "" },
	delete_view: { icon: "trash", label: __("Delete a shared view"), done: "", explain: "" },
	// On warnings, as the audit trail says it.
	acknowledge: { icon: "check", label: __("Acknowledge"), done: "", explain: "" },
	snooze: { icon: "clock", label: __("Snooze"), done: "", explain: "" },
	mute: { icon: "bell-off", label: __("Mute"), done: "", explain: "" },
	unmute: { icon: "bell", label: __("Tell again"), done: "", explain: "" },
	...SCHEDULE_ACTIONS,
	...OPERATION_WORDS,
};

/**
 * What undoes this action on jobs in these states; null when nothing does.
 *
 * @param {string} action
 * @param {(string | null)[]} statuses
 * @returns {Undo | null}
 */
export function undoOf(action, statuses) {
	const { undo } = wordsOf(action);
	return undo && statuses.every((status) => status === undo.from) ? undo : null;
}

// The order of the buttons: what is asked for most comes first, what destroys last.
const ORDER = Object.keys(ACTIONS);

/**
 * @param {string} action
 * @returns {ActionWords}
 */
export function wordsOf(action) {
	return ACTIONS[action] || { icon: "play", label: action, done: action, explain: "" };
}

/**
 * @param {string[]} actions
 * @returns {string[]}
 */
export function orderedActions(actions) {
	return [...actions].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
}

/**
 * The actions that at least one of these jobs allows, with how many allow it.
 *
 * @param {Pick<Job, "actions">[]} jobs
 * @returns {{ action: string, count: number }[]}
 */
export function sharedActions(jobs) {
	/** @type {Map<string, number>} */
	const counts = new Map();
	for (const job of jobs) {
		for (const action of job.actions) counts.set(action, (counts.get(action) || 0) + 1);
	}
	return orderedActions([...counts.keys()]).map((action) => ({
		action,
		count: counts.get(action) || 0,
	}));
}
