// What can be done, in words: the button, what will happen, and how the outcome reads.
// A new action of the engine gets one entry here; everything else finds it by its name.

/** @import { ActionWords, Undo } from "./types/action" */
/** @import { Job } from "./types/job" */
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
	run_schedule: {
		icon: "play",
		label: __("Run now"),
		done: __("put in its lane"),
		explain: __("It is enqueued now, and again when it is due."),
	},
	pause_schedule: {
		icon: "pause",
		label: __("Pause"),
		done: __("paused"),
		explain: __("The scheduler passes it over until somebody resumes it."),
	},
	resume_schedule: {
		icon: "play",
		label: __("Resume"),
		done: __("resumed"),
		explain: __("The scheduler enqueues it again when it is due."),
	},
	set_cron: {
		icon: "clock",
		label: __("Change time"),
		done: __("moved to another time"),
		explain: __("It runs at other times from now on, also after a migrate."),
	},
	reset_cron: {
		icon: "retry",
		label: __("Reset time"),
		done: __("put back to the time that its app declares"),
		explain: __("It runs at the time that its app declares."),
	},
	enable_scheduler: {
		icon: "play",
		label: __("Switch the scheduler on"),
		done: __("switched on"),
		explain: __("The site's schedules run again when they are due."),
	},
	unpause_scheduler: {
		icon: "play",
		label: __("Resume the scheduler"),
		done: __("resumed"),
		explain: __("The site's schedules run again when they are due."),
	},
	tick: {
		icon: "play",
		label: __("Enqueue what is due"),
		done: __("done"),
		explain: __("Does once what the scheduler does when it comes by."),
	},
	correct_dates: {
		icon: "clock",
		label: __("Count from now"),
		done: __("counted from now"),
		explain: __("Last runs and creations that lie in the future are set to now."),
	},
	pause_queue: {
		icon: "pause",
		label: __("Pause…"),
		done: __("the lane is paused"),
		explain: __(
			"Workers take no job from this lane until then. What waits stays, what comes is added, what runs goes on.",
		),
	},
	resume_queue: {
		icon: "play",
		label: __("Resume"),
		done: __("the lane is resumed"),
		explain: __("Its workers take jobs again, in their order, within a second or so."),
	},
	quiet: {
		icon: "pause",
		label: __("Quiet…"),
		done: __("the worker takes no more work"),
		explain: __("It finishes the job that it runs and takes no more, until then."),
	},
	unquiet: {
		icon: "play",
		label: __("Take work"),
		done: __("the worker takes work again"),
		explain: __("It takes jobs again within a second or so."),
	},
	stop_worker: {
		icon: "stop",
		label: __("Stop after its job…"),
		done: __("the worker was told to stop"),
		destroys: true,
		explain: __(
			"It finishes the job that it runs and ends. What keeps workers running (supervisor, a pool) starts another in its place.",
		),
	},
	pause_method: {
		icon: "pause",
		label: __("Pause the method…"),
		done: __("the method is paused"),
		explain: __(
			"Its jobs are put away unrun until then, and go to the end of their lane. What runs goes on.",
		),
	},
	resume_method: {
		icon: "play",
		label: __("Resume the method"),
		done: __("the method is resumed"),
		explain: __("Its jobs that were put away go to the end of their lane at once."),
	},
	suspend: {
		icon: "pause",
		label: __("Suspend all workers…"),
		done: __("all workers are suspended"),
		destroys: true,
		explain: __(
			"No worker of any lane or site takes a job until then. What waits stays, what runs goes on.",
		),
	},
	move_waiting: {
		icon: "move",
		label: __("Move what waits…"),
		done: __("moved"),
		explain: __(
			"The first 1,000 that wait here go to the end of the other lane, in their order.",
		),
	},
	// On warnings, as the audit trail says it.
	acknowledge: { icon: "check", label: __("Acknowledge"), done: "", explain: "" },
	snooze: { icon: "clock", label: __("Snooze"), done: "", explain: "" },
	mute: { icon: "bell-off", label: __("Mute"), done: "", explain: "" },
	unmute: { icon: "bell", label: __("Tell again"), done: "", explain: "" },
	resume: {
		icon: "play",
		label: __("Resume workers"),
		done: __("resumed"),
		explain: __("All workers of this bench take jobs again."),
	},
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
