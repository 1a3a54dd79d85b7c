// What can be done to schedules and the scheduler, in words.

/** @import { ActionWords } from "./types/action" */
import { __ } from "./translatable.js";

/** @type {Record<string, ActionWords>} */
export const SCHEDULE_ACTIONS = {
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
};
