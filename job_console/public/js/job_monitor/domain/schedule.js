// How schedules, their runs and their times look.

/** @import { Look, Translate } from "./types/common" */
/** @import { Mistake, Occasion, Schedule, ScheduleEntry } from "./types/schedule" */
import { shownBy, writtenDate, writtenTime } from "./habit.js";
import { __ } from "./translatable.js";

/** @type {Record<string, { color: string, text: string }>} */
export const RUN_LOOKS = {
	finished: { color: "green", text: __("finished") },
	failed: { color: "red", text: __("failed") },
	timed_out: { color: "orange", text: __("timed out") },
	killed: { color: "dark", text: __("killed") },
	skipped: { color: "gray", text: __("skipped, as its policy says") },
};

/**
 * What a policy says of runs that were missed.
 *
 * @type {Record<string, string>}
 */
export const CATCH_UP = {
	once: __("missed runs are made up for by one"),
	skip: __("missed runs are not made up for"),
	all: __("all missed runs are made up for"),
};

/**
 * And of a time that comes while the last run still runs.
 *
 * @type {Record<string, string>}
 */
export const OVERLAP = {
	skip: __("not run while it still runs"),
	queue: __("run once more after a run that lasts too long"),
	allow: __("run beside a run that lasts too long"),
	cancel: __("a run that lasts too long is stopped for the next one"),
};

/**
 * Why nothing enqueues what is due; null: it does.
 *
 * @param {Translate} __
 * @param {Pick<Schedule, "running" | "process" | "host" | "reason">} schedule
 * @returns {string | null}
 */
export function whyOff(__, { running, process, host, reason }) {
	if (!running) return reason || __("nobody knows why");
	if (process !== false) return null;
	const where = host || __("its host");
	return __("no scheduler process runs on {0}", [where]);
}

/**
 * A pill for the state of an entry: {icon, color, text}.
 *
 * @param {Pick<ScheduleEntry, "problem" | "stopped" | "jobStatus" | "jobLost">} entry
 * @param {boolean} running
 * @returns {Look}
 */
export function entryLook(entry, running) {
	if (entry.problem) return { icon: "alert", color: "red", text: __("Never runs") };
	if (entry.stopped) return { icon: "pause", color: "gray", text: __("Paused") };
	if (entry.jobLost) return { icon: "ghost", color: "red", text: __("Lost") };
	if (entry.jobStatus === "started") return { icon: "play", color: "blue", text: __("Running") };
	if (entry.jobStatus === "queued")
		return { icon: "lane", color: "orange", text: __("Waiting") };
	if (!running) return { icon: "ban", color: "red", text: __("Off") };
	return { icon: "check", color: "green", text: __("On") };
}

/**
 * When a schedule runs, by the reader's clock; and by the site's, where that shows something else.
 *
 * @param {Translate} __
 * @param {Occasion} occasion
 * @param {string} zone the site's
 * @returns {string}
 */
export function occasionTime(__, { startsAt, shown }, zone) {
	if (!startsAt) return "";
	const time = `${writtenDate(startsAt)}, ${writtenTime(startsAt)}`;
	if (shown.slice(0, 16) === shownBy(startsAt)) return time;
	return __("{0} ({1} in {2})", [time, shown.slice(11, 16), zone]);
}

/**
 * What is due soonest comes first; what never comes, last.
 *
 * @param {ScheduleEntry} one
 * @param {ScheduleEntry} other
 * @returns {number}
 */
export function bySoonest(one, other) {
	const soon = (/** @type {ScheduleEntry} */ entry) =>
		entry.next[0]?.startsAt?.getTime() ?? Infinity;
	return soon(one) - soon(other) || one.method.localeCompare(other.method);
}

/**
 * An expression in three parts, the middle one being what is wrong with it.
 *
 * @param {string} cron
 * @param {Mistake} mistake
 * @returns {[string, string, string]}
 */
export function aroundMistake(cron, { start, end }) {
	return [cron.slice(0, start), cron.slice(start, end), cron.slice(end)];
}

/**
 * Where `date` lies between two others, in percent.
 *
 * @param {Date} date
 * @param {Date} start
 * @param {Date} end
 * @returns {number}
 */
export function share(date, start, end) {
	const part = (Number(date) - Number(start)) / (Number(end) - Number(start));
	return Math.round(Math.min(1, Math.max(0, part)) * 100_000) / 1000;
}

/**
 * The full hours between two moments that are to be labelled.
 *
 * @param {Date} start
 * @param {Date} end
 * @param {number} everyHours
 * @returns {Date[]}
 */
export function hourMarks(start, end, everyHours = 3) {
	const step = everyHours * 3600_000;
	const marks = [];
	const first = Math.ceil(Number(start) / step) * step;
	for (let at = first; at < Number(end); at += step) marks.push(new Date(at));
	return marks;
}
