import type { WireJob } from "./jobs";

/** What the server of a fleet answers: docs/fleet.md. */
export interface WireFleet {
	at: string;
	benches: WireBenchRow[];
}

export interface WireBenchRow {
	name: string;
	labels: Record<string, string>;
	may: string;
	server: string;
	looked_at: string | null;
	took_s: number | null;
	unreachable: { message: string; since: string; every_s: number } | null;
	verdict: string | null;
	telling: boolean;
	reasons: string[];
	silenced: number;
	warnings: { critical: number; warning: number; info: number };
	worst: WireWorst | null;
	waiting: number | null;
	running: number | null;
	failed: number | null;
	oldest: { lane: string; wait_s: number; at_least: boolean } | null;
	workers: { busy: number; idle: number } | null;
	scheduler: { sites: number; down: number; ticked_at: string | null } | null;
	suspended: boolean;
	paused: string[];
}

export interface WireWorst {
	id: string;
	code: string;
	severity: string;
	message: string;
	since: string | null;
}

export interface WireMissing {
	bench: string;
	why: string;
}

export interface WireFoundJobs {
	job_id: string;
	found: { bench: string; job: WireJob }[];
	asked: number;
	missing: WireMissing[];
}

export interface WireFleetFailures {
	failed: number;
	total: number;
	groups: WireFleetGroup[];
	at_least: boolean;
	asked: number;
	missing: WireMissing[];
}

export interface WireFleetGroup {
	group: string;
	method: string;
	type: string;
	frame: string | null;
	message: string;
	count: number;
	first_at: string | null;
	last_at: string | null;
	benches: { bench: string; count: number; last_at: string | null }[];
}
