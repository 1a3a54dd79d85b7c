import type { Job } from "./job";

/** "unknown": nobody has looked yet, or there is no evidence that all is well. */
export type BenchState = "unreachable" | "critical" | "warning" | "unknown" | "ok";

/** A bench of a fleet as its row shows it. Its numbers are those of `lookedAt`. */
export interface BenchRow {
	name: string;
	labels: string[];
	server: string;
	state: BenchState;
	lookedAt: Date | null;
	unreachable: { message: string; since: Date | null } | null;
	/** The worst warning, or else why the verdict is what it is. */
	says: string;
	/** How many more warnings ask for somebody. */
	more: number;
	/** Null: nobody has looked yet. */
	waiting: number | null;
	oldest: { lane: string; waitS: number; atLeast: boolean } | null;
	workers: { busy: number; idle: number } | null;
	scheduler: { sites: number; down: number; tickedAt: Date | null } | null;
	suspended: boolean;
	paused: string[];
}

export interface Fleet {
	at: Date | null;
	benches: BenchRow[];
}

export interface MissingBench {
	bench: string;
	why: string;
}

export interface FoundJobs {
	jobId: string;
	found: { bench: string; job: Job }[];
	asked: number;
	missing: MissingBench[];
}

export interface FleetGroup {
	key: string;
	method: string;
	type: string;
	frame: string | null;
	message: string;
	count: number;
	last: Date | null;
	benches: { bench: string; count: number }[];
}

export interface FleetFailures {
	failed: number;
	atLeast: boolean;
	groups: FleetGroup[];
	missing: MissingBench[];
}
