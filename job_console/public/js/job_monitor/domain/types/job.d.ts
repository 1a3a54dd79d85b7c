import type { Remedy } from "./common";
import type { Warning } from "./warning";

export interface Job {
	id: string;
	label: string;
	method: string | null;
	kind: string;
	queue: string;
	status: string;
	site: string | null;
	user: string | null;
	enqueuedAt: Date | null;
	startedAt: Date | null;
	endedAt: Date | null;
	dueAt: Date | null;
	timeoutS: number | null;
	elapsedS: number | null;
	/** What its method's own history calls normal. */
	usualS: number | null;
	attempt: number;
	worker: string | null;
	arguments: Record<string, unknown>;
	/** Why its payload cannot be shown, when it cannot. */
	problem: string | null;
	error: Failure | null;
	/** Nothing runs it, or ever will. */
	lost: boolean;
	/** Without `lost`: its worker is gone, and its own process goes on; or it was taken over. */
	lostReason: string | null;
	/** Another worker has taken it over, and the first one goes on: it runs twice. */
	takenOver: boolean;
	/** What ends that. */
	remedies: Remedy[];
	/** What its state allows. */
	actions: string[];
	/** Whether running it again can do its work twice: `safe`, `unsafe` or `unknown`. */
	repeat: string;
	progress: Progress | null;
	tries: Tries | null;
	asked: { what: string; by: string; at: Date | null; reason: string | null }[];
}

export interface Failure {
	type: string;
	message: string;
	traceback: string | null;
	parts?: TracebackPart[] | null;
	/** Why this is not all of it, when it is not. */
	cut: string | null;
}

/** A frame, or the lines between two: those have a text only. */
export interface TracebackPart {
	text: string;
	file: string | null;
	name: string | null;
	line: number | null;
	function: string | null;
	whose: string | null;
}

/** Rows of a traceback as it is shown: some are folded into one. */
export interface TracebackRow {
	parts: TracebackPart[];
	folded: boolean;
	/** It is where the app's own code was. */
	innermost: boolean;
}

export interface Progress {
	done: number;
	total: number | null;
	text: string;
	/** 0 to 1. */
	fraction: number | null;
	/** Items a second. */
	rate: number | null;
	at: Date | null;
	/** Sent with frappe.publish_progress, not with job_console.progress. */
	fromPublishProgress: boolean;
	extendedS: number;
	chunks: Chunks | null;
	parked: { by: string; at: Date | null; reason: string; until: string } | null;
}

export interface Chunks {
	committed: number;
	skipped: number;
	failed: number;
	reasons: { text: string; count: number }[];
	checkpoint: string | null;
	part: [number, number] | null;
	run: number;
}

/** The attempts of a job that its policy tries again, as far as they have failed. */
export interface Tries {
	failed: number;
	of: number;
	why: string | null;
	nextAt: Date | null;
	history: { at: Date | null; type: string | null; message: string; lost: boolean }[];
}

export interface JobDetail extends Job {
	runs: Run[];
	timeline: { event: string; at: Date | null }[];
	position: number | null;
	result: unknown;
	dependencies: string[];
	dependents: string[];
	/** How many there are: the lists may be cut. */
	dependentsTotal: number;
	runsTotal: number;
	warnings: Warning[];
	scheduledJob: string | null;
	/** The key of its group of failures. */
	failureGroup: string | null;
	payloadBytes: number | null;
	document: { doctype: string; name: string } | null;
	expiresAt: Date | null;
	policy: { name: string; kind: string; source: string; decided: string[] } | null;
}

export interface Run {
	attempt: number | null;
	outcome: string;
	startedAt: Date | null;
	endedAt: Date | null;
	worker: string | null;
	error: Failure | null;
}

export interface JobPage {
	total: number;
	approximate: boolean;
	page: number;
	size: number;
	/** In the order in which RQ drops them, lane by lane: there are too many to sort. */
	byExpiry: boolean;
	/** The order that was asked for, where they are in it; else why they are not. */
	sort: string | null;
	unsorted: string | null;
	/** How far the page was looked for, when the time for it was over before it was reached; `jobs` are the last ones that were. */
	reached: Reached | null;
	jobs: Job[];
}

export interface Reached {
	scanned: number;
	of: number;
	cursor: string;
}

export interface SearchSlice {
	jobs: Job[];
	cursor: string | null;
	scanned: number;
	of: number;
	/** What has ended is not looked through in the order of its ends. */
	byExpiry: boolean;
}

/** What a job has printed and logged, its last kilobytes. */
export interface JobLog {
	/** What it is, and what is missing. */
	notes: string[];
	/** The oldest first. */
	entries: LogEntry[];
}

export interface LogEntry {
	at: Date | null;
	/** Of a logger's record; "" for what was printed. */
	level: string;
	/** The logger, or `stdout`, `stderr`. */
	source: string;
	text: string;
}
