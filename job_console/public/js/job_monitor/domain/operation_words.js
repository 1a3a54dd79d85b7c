// What can be done to lanes, workers, methods and the bench, in words.

/** @import { ActionWords } from "./types/action" */
import { __ } from "./translatable.js";

/** @type {Record<string, ActionWords>} */
export const OPERATION_WORDS = {
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
	resume: {
		icon: "play",
		label: __("Resume workers"),
		done: __("resumed"),
		explain: __("All workers of this bench take jobs again."),
	},
};
