import type { Job } from "./job";
import type { Warning } from "./warning";

/** One look at the bench. */
export interface Snapshot {
	at: Date | null;
	/** Null: the whole bench. */
	site: string | null;
	readOnly: boolean;
	mayOperate: boolean;
	health: {
		verdict: "ok" | "warning" | "critical";
		reasons: string[];
		/** What speaks for it. */
		evidence: string[];
		/** False: nothing is known to be wrong, and it cannot be told that all is well. */
		telling: boolean;
	};
	redis: { usedBytes: number | null; maxBytes: number | null; version: string | null };
	suspended: boolean;
	/** Null: the bench takes work. */
	suspension: Hold | null;
	surveyed: Surveyed | null;
	/** What could not be read, in sentences. */
	notes: string[];
	/** Which Redis (host:port/db), and which bench of those on it. */
	server: string | null;
	/** Of the bench whose folder it was asked from, when this is not its Redis. */
	benchServer: string | null;
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
	/** They stand among the running ones, and nothing runs them. */
	lost: Pick<DrainBlock, "jobId" | "label" | "queue">[];
	blocksTotal: number;
	/** Of each lane the first are looked at. */
	blocksAtLeast: boolean;
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

/** How much of what waits was gone through for jobs that stand nowhere. */
export interface Surveyed {
	of: number;
	/** 0 to 1; null: no telling. */
	share: number | null;
	unsure: number;
	text: string;
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
	/** Who drains, finishes its job and takes no more; it counts as busy or idle, too. */
	workers: { busy: number; idle: number; draining: number };
	/** `deaf`: workers that take its jobs all the same. */
	paused: (Hold & { deaf: string[] }) | null;
	oldestWaitS: number | null;
	/** Another may have waited longer: not all were looked at. */
	oldestWaitAtLeast: boolean;
	drainS: number | null;
	running: Job[];
	runningElsewhere: number;
	runningLeftOver: number;
	parked: Job[];
	parkedAtLeast: boolean;
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
	rqVersion: string | null;
	pythonVersion: string | null;
	/** Null: nobody on its host has measured it. Of its own process, and of that of its job. */
	rssBytes: number | null;
	horseRssBytes: number | null;
	/** From its host to Redis and back. */
	roundTripS: number | null;
	/** Since when it takes no more work: it was told to stop. */
	drainingSince: Date | null;
	/** Redis lost its record. */
	unregistered: boolean;
	/** It runs a job of another site. */
	elsewhere: boolean;
	/** Why its state is `gone`. */
	gone: string | null;
	quiet: Hold | null;
	/** It leaves alone what is paused. */
	obeys: boolean;
}
