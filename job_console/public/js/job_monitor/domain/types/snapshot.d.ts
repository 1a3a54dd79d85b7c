import type { Job } from "./job";
import type { Warning } from "./warning";

/** One look at the bench. */
export interface Snapshot {
	at: Date | null;
	/** Null: the whole bench. */
	site: string | null;
	readOnly: boolean;
	health: {
		verdict: "ok" | "warning" | "critical";
		reasons: string[];
		/** False: nothing is known to be wrong, and it cannot be told that all is well. */
		telling: boolean;
	};
	redis: { usedBytes: number | null; maxBytes: number | null; version: string | null };
	suspended: boolean;
	/** Null: the bench takes work. */
	suspension: Hold | null;
	/** Which Redis (host:port/db), and which bench of those on it. */
	server: string | null;
	bench: string | null;
	schedule: Scheduler | null;
	duties: Duty[];
	lanes: Lane[];
	workers: Worker[];
	warnings: Warning[];
}

/** What somebody told to take no work, until then. `by` null: by another tool, which does not say. */
export interface Hold {
	by: string | null;
	reason: string | null;
	at: Date | null;
	until: Date | null;
}

/** What still runs before a deploy. */
export interface Drain {
	draining: boolean;
	safe: boolean;
	text: string;
	blocks: DrainBlock[];
	blocksTotal: number;
}

export interface DrainBlock {
	/** Null: another site's. */
	jobId: string | null;
	label: string;
	queue: string;
	taken: boolean;
	ranS: number | null;
	leftS: number | null;
	mostS: number | null;
}

export interface Scheduler {
	running: boolean;
	reason: string | null;
	tickedAt: Date | null;
}

/** What somebody has to do every few seconds; `key` is `NAME@SITE`. */
export interface Duty {
	key: string;
	failures: number;
	error: string;
}

/** One queue, with its waiting, running and failed work. */
export interface Lane {
	name: string;
	label: string;
	counts: Record<string, number>;
	workers: { busy: number; idle: number };
	/** `deaf`: workers that take its jobs all the same. */
	paused: (Hold & { deaf: string[] }) | null;
	oldestWaitS: number | null;
	drainS: number | null;
	running: Job[];
	runningElsewhere: number;
	parked: Job[];
	head: Job[];
	headElsewhere: number;
	failures: Job[];
	failuresElsewhere: number;
}

export interface Worker {
	name: string;
	label: string;
	state: string;
	queues: string[];
	jobId: string | null;
	host: string | null;
	pid: number | null;
	heartbeatAgeS: number | null;
	bornAt: Date | null;
	/** It runs a job of another site. */
	elsewhere: boolean;
	/** Why its state is `gone`. */
	gone: string | null;
	/** It was told to stop after its job. */
	drainingSince: Date | null;
	quiet: Hold | null;
	/** It leaves alone what is paused. */
	obeys: boolean;
}
