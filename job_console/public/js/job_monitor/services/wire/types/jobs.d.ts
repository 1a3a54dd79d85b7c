import type { WireTime } from "./common";
import type { WireRemedy, WireWarning } from "./warnings";

/** A row: `job_json` of engine/wire/jobs.py. */
export interface WireJob {
	id: string;
	label: string;
	method: string | null;
	kind: string;
	queue: string;
	status: string;
	site: string | null;
	user: string | null;
	enqueued_at: WireTime | null;
	started_at: WireTime | null;
	ended_at: WireTime | null;
	due_at: WireTime | null;
	timeout_s: number | null;
	elapsed_s: number | null;
	usual_s: number | null;
	attempt: number;
	worker: string | null;
	arguments: Record<string, unknown>;
	problem: string | null;
	error: WireFailure | null;
	/** Nothing runs it, or ever will. */
	lost: boolean;
	/** Without `lost`: its worker is gone, and its own process goes on. */
	lost_reason: string | null;
	/** The warning's. */
	lost_code: string | null;
	remedies: WireRemedy[];
	actions: string[];
	repeat: string;
	progress: WireProgress | null;
	asked: Record<string, WireAsked>;
	tries: WireTries | null;
}

export interface WireFailure {
	type: string;
	message: string;
	/** Of one job only, not in a row. */
	traceback: string | null;
	/** Of that: its frames, and the lines between them. */
	parts: WireTracebackPart[] | null;
	/** Why this is not all of it. */
	cut: string | null;
}

/** A frame, or the lines between two: those have a text only. */
export interface WireTracebackPart {
	text: string;
	file: string | null;
	/** Its file, without the bench. */
	name: string | null;
	line: number | null;
	function: string | null;
	/** `app`, `framework` or `library`. */
	whose: string | null;
}

/** What the job says of itself: `progress` of engine/progress/wire.py. */
export interface WireProgress {
	done: number;
	total: number | null;
	text: string;
	fraction: number | null;
	rate: number | null;
	left_s: number | null;
	at: WireTime | null;
	overheard: boolean;
	extended_s: number;
	chunks: WireChunks | null;
	parked: WireParked | null;
}

export interface WireChunks {
	committed: number;
	skipped: number;
	failed: number;
	reasons: { text: string; count: number }[];
	checkpoint: string | null;
	part: [number, number] | null;
	run: number;
}

export interface WireParked {
	by: string;
	at: WireTime | null;
	reason: string;
	/** `somebody`, `parts` or `place`. */
	until: string;
}

/** What somebody asked of a running job, by its name: `asked` of engine/progress/wire.py. */
export interface WireAsked {
	by: string;
	at: WireTime | null;
	reason: string;
}

/** `tries` of engine/retries/wire.py. */
export interface WireTries {
	failed: number;
	of: number;
	then: string;
	why: string;
	policy: string;
	next_at: WireTime | null;
	history: WireTry[];
}

export interface WireTry {
	at: WireTime | null;
	started_at: WireTime | null;
	type: string;
	message: string;
	lost: boolean;
}

/** What one job has besides: `detail_json` of engine/wire/jobs.py. */
export interface WireJobDetail extends WireJob {
	policy: WirePolicy | null;
	runs: WireRun[];
	timeline: { event: string; at: WireTime }[];
	position: number | null;
	expected_start_s: number | null;
	result: unknown;
	dependencies: string[];
	dependents: string[];
	/** How many wait for it in all, and how many runs RQ keeps: the lists may be cut. */
	dependents_total: number;
	runs_total: number;
	warnings: WireWarning[];
	document: { doctype: string; name: string } | null;
	scheduled_job: string | null;
	/** The key of its group of failures. */
	failure_group: string | null;
	expires_at: WireTime | null;
	payload_bytes: number | null;
}

export interface WirePolicy {
	name: string;
	kind: string;
	pattern: string;
	source: string;
	decided: string[];
}

export interface WireRun {
	attempt: number | null;
	outcome: string;
	started_at: WireTime | null;
	ended_at: WireTime | null;
	worker: string | null;
	error: WireFailure | null;
}

export interface WireJobPage {
	total: number;
	approximate: boolean;
	page: number;
	size: number;
	jobs: WireJob[];
	/** In the order in which RQ forgets them, not of their ends: there are too many to sort. */
	by_expiry: boolean;
	/** The order that was asked for, where they are in it; else why they are not. */
	sort: string | null;
	unsorted: string | null;
	/** How far the page was looked for, when the time for it was over before it was reached. */
	reached: WireReached | null;
}

export interface WireReached {
	scanned: number;
	of: number;
	cursor: string;
}

export interface WireSearchSlice {
	jobs: WireJob[];
	cursor: string | null;
	scanned: number;
	of: number;
	/** What has ended is not looked through in the order of its ends. */
	by_expiry: boolean;
}

/** What a job has printed and logged: the call `log`. */
export interface WireLog {
	job_id: string;
	status: string;
	running: boolean;
	begun_at: WireTime | null;
	bytes: number;
	lost_bytes: number;
	notes: string[];
	entries: WireLogEntry[];
}

export interface WireLogEntry {
	at: WireTime | null;
	level: string;
	source: string;
	text: string;
}
