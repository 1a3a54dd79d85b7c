import type { WireTime } from "./common";

/** `history_json` of engine/wire/history.py: each list has a value for each point. */
export interface WireMetrics {
	last: string;
	by: string;
	site: string | null;
	at: WireTime;
	since: WireTime;
	until: WireTime;
	step_s: number;
	points: number;
	total: WireMetricsLine;
	run_s: WirePercentiles;
	wait_s: WirePercentiles;
	failures: { type: string; count: number }[];
	heat: WireHeat;
	wait_heat: WireHeat;
	lines: WireMetricsLine[];
	ranked: WireRanked[];
	workers: { busy: (number | null)[]; alive: (number | null)[] };
	queues: WireQueueHistory[];
	marks: WireMark[];
	/** More of them, which tell less. */
	marks_left_out: number;
}

/** How many took how long: `ends_s` of the buckets, a row of counts for each point. */
export interface WireHeat {
	ends_s: number[];
	counts: number[][];
}

export interface WireMark {
	at: WireTime;
	since: WireTime | null;
	kind: string;
	site: string | null;
	text: string;
}

export interface WireMetricsLine {
	key: string;
	runs: number[];
	failed: number[];
	timed_out: number[];
	worker_s: number[];
}

export interface WirePercentiles {
	p50: (number | null)[];
	p90: (number | null)[];
	p99: (number | null)[];
}

export interface WireRanked {
	key: string;
	runs: number;
	failed: number;
	worker_s: number;
}

export interface WireQueueHistory {
	name: string;
	label: string;
	depth: (number | null)[];
	oldest_wait_s: (number | null)[];
}
