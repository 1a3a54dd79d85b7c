import type { WireTime } from "./common";

export interface WireSchedules {
	at: WireTime;
	schedules: WireSchedule[];
}

/** One site's: `schedule` of engine/schedule/wire.py. */
export interface WireSchedule {
	site: string;
	running: boolean;
	off: string | null;
	reason: string | null;
	ticked_at: WireTime | null;
	tick_s: number;
	zone: string;
	process: boolean | null;
	tickers: string[];
	host: string;
	read_at: WireTime | null;
	age_s: number | null;
	entries: WireScheduleEntry[];
}

export interface WireScheduleEntry {
	record: string;
	method: string;
	cron: string;
	words: string | null;
	problem: string | null;
	declared: string | null;
	declared_words: string | null;
	future_at: string | null;
	pace: WirePace | null;
	queue: string;
	lane: string;
	job_id: string;
	job_status: string | null;
	/** Nothing runs that job, or ever will, whatever its state says. */
	job_lost: boolean;
	stopped: boolean;
	owed: number;
	last_at: WireTime | null;
	due_at: WireTime | null;
	next: WireOccasion[];
	usual_s: number | null;
	longest_s: number | null;
	runs: { at: WireTime; run_s: number | null; outcome: string }[];
	succeeded: number;
	success_rate: number | null;
	policy: { name: string; catch_up: string | null; overlap: string | null } | null;
}

/** Set where it is due more often than the scheduler ticks. */
export interface WirePace {
	due_a_day: number;
	runs_a_day: number;
	tick_s: number;
}

export interface WireOccasion {
	due_at: WireTime;
	starts_at: WireTime;
	/** What a clock of the site's zone shows then: "2026-11-23T17:38". */
	shown: string;
	/** `skipped` or `twice`, where the clocks are changed. */
	oddity: string | null;
}

export interface WireCronPreview {
	cron: string;
	words: string | null;
	mistake: { message: string; start: number; end: number; field: string | null } | null;
	next: WireOccasion[];
	pace: WirePace | null;
	zone: string;
	tick_s: number;
}

/** `outlook` of engine/schedule/wire_day.py: entries are numbered, and null for other sites'. */
export interface WireDay {
	start: WireTime;
	end: WireTime;
	entries: ({ record: string; site: string; usual_s: number | null } | null)[];
	lanes: WireDayLane[];
	rushes: WireRush[];
	overlaps: { entry: number; due_at: WireTime }[];
	runs: number;
	unknown: number;
	cut: boolean;
}

export interface WireDayLane {
	name: string;
	label: string;
	unserved: number;
	workers: { name: string; blocks: WireBlock[] }[];
}

/** One run of a worker, or several short ones that follow each other. */
export interface WireBlock {
	starts_at: WireTime;
	ends_at: WireTime;
	/** Of the time between, what the worker runs something in. */
	busy_s: number;
	waits_s: number;
	entries: number[];
	runs: number;
}

export interface WireRush {
	lane: string;
	at: WireTime;
	jobs: number;
	entries: number[];
	elsewhere: number;
	work_s: number;
	workers: number;
	last_start: WireTime;
	longest_wait_s: number;
	text: string;
}

export interface WireQuieter {
	moves: WireMove[];
	before: WireDaySum;
	after: WireDaySum;
	text: string;
}

export interface WireMove {
	record: string;
	method: string;
	before: string;
	after: string;
	words_before: string | null;
	words_after: string | null;
}

export interface WireDaySum {
	rushes: number;
	waiting_s: number;
	longest_wait_s: number;
}
