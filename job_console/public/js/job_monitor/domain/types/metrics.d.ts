/** Metrics over time: each list has a value for each of `times`. */
export interface Metrics {
	last: string;
	by: string;
	since: Date;
	until: Date;
	stepS: number;
	/** The beginnings of the points, in seconds. */
	times: number[];
	total: MetricsLine;
	run: Percentiles;
	wait: Percentiles;
	runHeat: Heat;
	waitHeat: Heat;
	failures: { type: string; count: number }[];
	lines: MetricsLine[];
	ranked: Ranked[];
	busy: Values;
	alive: Values;
	queues: QueueHistory[];
	marks: Mark[];
	marksLeftOut: number;
}

/** What was changed, and when; `since`: it was not yet so then, and nobody looked between. In seconds. */
export interface Mark {
	at: number;
	since: number | null;
	kind: string;
	site: string | null;
	text: string;
}

/** A line in a chart: marks that lie too close to be told apart. */
export interface MarkLine {
	at: number;
	marks: Mark[];
}

/** How many took how long: the ends of the buckets in seconds, and a row of counts for each of `times`. */
export interface Heat {
	ends: number[];
	counts: number[][];
}

export type Values = (number | null)[];

export interface Percentiles {
	p50: Values;
	p90: Values;
	p99: Values;
}

export interface MetricsLine {
	key: string;
	runs: number[];
	failed: number[];
	timedOut: number[];
	workerS: number[];
}

export interface Ranked {
	key: string;
	runs: number;
	failed: number;
	workerS: number;
}

export interface QueueHistory {
	name: string;
	label: string;
	depth: Values;
	oldestWaitS: Values;
}

/** What is drawn, and what the table behind it says. */
export interface Chart {
	id: string;
	title: string;
	unit: "count" | "seconds" | "workers";
	series: Series[];
}

export interface Series {
	label: string;
	values: Values;
	/** A variable of Frappe's. */
	colour: string;
	/** Of the line, in pixels: colour does not speak alone. */
	dash: number[];
}
