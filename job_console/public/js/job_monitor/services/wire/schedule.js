/** @import { Block, CronPreview, Day, Occasion, Pace, QuieterMinutes, Schedule, ScheduleEntry } from "../../domain/types/schedule" */
/** @import { WireBlock, WireCronPreview, WireDay, WireOccasion, WirePace, WireQuieter, WireScheduleEntry, WireSchedules } from "./types/schedule" */
import { toDate } from "./time.js";

// Schedules as the wire spells them, into the page's models.

/**
 * One of each site that has written its schedules to Redis.
 *
 * @param {WireSchedules} wire
 * @returns {Schedule[]}
 */
export function toSchedules(wire) {
	return (wire.schedules || []).map((schedule) => ({
		site: schedule.site,
		running: Boolean(schedule.running),
		// False: looked for on its host, and not there.
		process: schedule.process ?? null,
		host: schedule.host || null,
		reason: schedule.reason || null,
		zone: schedule.zone || "UTC",
		ageS: schedule.age_s ?? null,
		entries: (schedule.entries || []).map((entry) =>
			toEntry(entry, schedule.site, schedule.zone || "UTC"),
		),
	}));
}

/**
 * @param {WireScheduleEntry} wire
 * @param {string} site
 * @param {string} zone
 * @returns {ScheduleEntry}
 */
function toEntry(wire, site, zone) {
	return {
		site,
		zone,
		record: wire.record,
		method: wire.method,
		cron: wire.cron,
		words: wire.words || wire.cron,
		problem: wire.problem || null,
		declared: wire.declared || null,
		declaredWords: wire.declared_words || null,
		pace: toPace(wire.pace),
		lane: wire.lane,
		jobId: wire.job_id,
		jobStatus: wire.job_status || null,
		jobLost: Boolean(wire.job_lost),
		stopped: Boolean(wire.stopped),
		owed: wire.owed || 0,
		lastAt: toDate(wire.last_at),
		next: (wire.next || []).map(toOccasion),
		usualS: wire.usual_s ?? null,
		longestS: wire.longest_s ?? null,
		runs: (wire.runs || []).map((run) => ({
			at: toDate(run.at),
			runS: run.run_s ?? null,
			outcome: run.outcome,
		})),
		succeeded: wire.succeeded || 0,
		policy: wire.policy || null,
	};
}

/**
 * What a cron expression says.
 *
 * @param {WireCronPreview} wire
 * @returns {CronPreview}
 */
export function toPreview(wire) {
	return {
		cron: wire.cron,
		words: wire.words || null,
		mistake: wire.mistake || null,
		next: (wire.next || []).map(toOccasion),
		pace: toPace(wire.pace),
	};
}

/**
 * `shown` is what a clock of the site's zone shows then: "2026-11-23T17:38".
 *
 * @param {WireOccasion} wire
 * @returns {Occasion}
 */
function toOccasion(wire) {
	return { startsAt: toDate(wire.starts_at), shown: wire.shown, oddity: wire.oddity || null };
}

/**
 * @param {WirePace | null} wire
 * @returns {Pace | null}
 */
function toPace(wire) {
	return wire && { due: wire.due_a_day, runs: wire.runs_a_day, tickS: wire.tick_s };
}

/**
 * The next 24 hours: what each worker of each lane will do, and where too much comes together.
 *
 * @param {WireDay} wire
 * @returns {Day}
 */
export function toDay(wire) {
	return {
		start: toDate(wire.start),
		end: toDate(wire.end),
		entries: wire.entries || [],
		lanes: (wire.lanes || []).map((lane) => ({
			name: lane.name,
			label: lane.label,
			unserved: lane.unserved || 0,
			workers: lane.workers.map(({ name, blocks }) => ({
				name,
				blocks: blocks.map(toBlock),
			})),
		})),
		rushes: (wire.rushes || []).map((rush) => ({
			lane: rush.lane,
			at: toDate(rush.at),
			lastStart: toDate(rush.last_start),
			entries: rush.entries,
			elsewhere: rush.elsewhere || 0,
			text: rush.text,
		})),
		overlaps: new Set((wire.overlaps || []).map((overlap) => overlap.entry)),
		runs: wire.runs || 0,
		unknown: wire.unknown || 0,
		cut: Boolean(wire.cut),
	};
}

/**
 * @param {WireBlock} wire
 * @returns {Block}
 */
function toBlock(wire) {
	return {
		startsAt: toDate(wire.starts_at),
		endsAt: toDate(wire.ends_at),
		busyS: wire.busy_s,
		waitsS: wire.waits_s || 0,
		entries: wire.entries,
		runs: wire.runs,
	};
}

/**
 * @param {WireQuieter} wire
 * @returns {QuieterMinutes}
 */
export function toQuieter(wire) {
	return {
		text: wire.text,
		moves: (wire.moves || []).map((move) => ({
			record: move.record,
			method: move.method,
			before: move.before,
			after: move.after,
			wordsBefore: move.words_before || move.before,
			wordsAfter: move.words_after || move.after,
		})),
	};
}
