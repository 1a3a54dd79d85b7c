import type { WireTime } from "./common";
import type { WireJob } from "./jobs";
import type { WireWarning } from "./warnings";

/** `snapshot_json` of engine/wire/bench.py. */
export interface WireSnapshot {
	at: WireTime;
	site: string | null;
	read_only: boolean;
	/** Pause and stop lanes, workers, methods, the bench. */
	may_operate: boolean;
	health: WireHealth;
	redis: { used_bytes: number | null; max_bytes: number | null; version: string | null };
	suspended: boolean;
	suspension: WireHold | null;
	/** This site's. */
	paused_methods: WirePausedMethod[];
	surveyed: WireSurveyed;
	/** Which Redis (host:port/db) and which bench of those on it; the desk's users are told too. */
	server: string | null;
	/** Of the bench whose folder it was asked from, when this is not its Redis. */
	bench_server: string | null;
	bench: string | null;
	/** What could not be read, in sentences. */
	notes: string[];
	schedule: WireScheduler | null;
	duties: WireDuty[];
	queues: WireLane[];
	workers: WireWorker[];
	warnings: WireWarning[];
}

/** What somebody told to take no work for a while: `hold` of engine/operate/wire.py. Nulls: `rq suspend` says neither. */
export interface WireHold {
	by: string | null;
	reason: string | null;
	at: WireTime | null;
	until: WireTime | null;
}

export interface WirePausedMethod extends WireHold {
	site: string | null;
	method: string;
}

/** engine/diagnosis/drain.py. */
export interface WireDrain {
	suspension: WireHold | null;
	draining: boolean;
	safe: boolean;
	/** The same in words. */
	text: string;
	safe_in_s: number | null;
	safe_within_s: number | null;
	/** The first of them. */
	blocks: WireBlock[];
	blocks_total: number;
	/** Of each lane the first are looked at. */
	blocks_at_least: boolean;
	/** The first of those that stand among the running ones, and that nothing runs. */
	lost: WireDrained[];
	/** Busy workers that name no job, and idle ones that do not obey. */
	nameless: string[];
	deaf: string[];
	waiting: number;
}

export interface WireDrained {
	/** Null: another site's. */
	job_id: string | null;
	label: string;
	queue: string;
	worker: string | null;
}

export interface WireBlock {
	/** Null: another site's. */
	job_id: string | null;
	label: string;
	queue: string;
	worker: string | null;
	/** It was taken from its queue, and has not begun. */
	taken: boolean;
	ran_s: number | null;
	left_s: number | null;
	most_s: number | null;
}

/** Whether the site's scheduler ticks. */
export interface WireScheduler {
	running: boolean;
	reason: string | null;
	ticked_at: WireTime | null;
}

export interface WireDuty {
	key: string;
	at: WireTime | null;
	by: string;
	site: string | null;
	took_s: number;
	failures: number;
	error: string;
}

/** How much of what waits was gone through for jobs that stand nowhere: `surveyed_json` of engine/wire/bench.py. */
export interface WireSurveyed {
	seen: number;
	of: number;
	/** Null: no telling. */
	share: number | null;
	by_sweeps: number;
	swept_at: WireTime | null;
	whole_at: WireTime | null;
	whole_by_sweeps: boolean;
	unsure: number;
	/** The same in words. */
	text: string;
}

/** `health_json` of engine/wire/bench.py. */
export interface WireHealth {
	verdict: "ok" | "warning" | "critical";
	reasons: string[];
	/** What speaks for it. */
	evidence: string[];
	/** False: nothing is known to be wrong, and it cannot be told that all is well. */
	telling: boolean;
	/** How many warnings somebody silenced. */
	silenced: number;
}

export interface WireLane {
	name: string;
	label: string;
	counts: WireCounts;
	/** Those who are `draining` or `quiet` count as busy or idle, too. */
	workers: { busy: number; idle: number; draining: number; quiet: number };
	/** `deaf`: workers that take its jobs all the same. */
	paused: WirePaused | null;
	oldest_wait_s: number | null;
	/** Something deeper in the lane may have waited longer. */
	oldest_wait_at_least: boolean;
	drain_s: number | null;
	running: WireJob[];
	running_elsewhere: number;
	/** Ended, and still noted among the running ones. */
	running_left_over: number;
	head: WireJob[];
	head_elsewhere: number;
	parked: WireJob[];
	/** There may be more. */
	parked_at_least: boolean;
	failures: WireJob[];
	failures_elsewhere: number;
}

export interface WirePaused extends WireHold {
	deaf: string[];
}

export type WireCounts = {
	queued: number;
	started: number;
	failed: number;
	finished: number;
	deferred: number;
	scheduled: number;
	canceled: number;
	dead: number;
};

export interface WireWorker {
	name: string;
	label: string;
	state: string;
	queues: string[];
	job_id: string | null;
	host: string | null;
	pid: number | null;
	heartbeat_age_s: number | null;
	born_at: WireTime | null;
	rq_version: string | null;
	python_version: string | null;
	/** Null: nobody on its host has measured it. Of its own process, and of that of its job. */
	rss_bytes: number | null;
	horse_rss_bytes: number | null;
	/** From its host to Redis and back. */
	round_trip_s: number | null;
	/** When it was told to stop after its present job. */
	draining_since: WireTime | null;
	/** Redis lost its record. */
	unregistered: boolean;
	/** It runs a job of another site. */
	elsewhere: boolean;
	/** Why it is `gone`, when its process was killed. */
	gone: string | null;
	quiet: WireHold | null;
	/** It leaves alone what is paused. */
	obeys: boolean;
}
