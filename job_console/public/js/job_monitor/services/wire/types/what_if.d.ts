import type { WireTime } from "./common";

/** `what_if_json` of engine/wire/what_if.py. */
export interface WireWhatIf {
	at: WireTime;
	days_known: number;
	days_played: number;
	/** Without a full day: of what is known. */
	hours_of_a_day: number;
	jobs_played: number;
	workers: { now: WireCrew[]; then: WireCrew[] };
	/** Shares of the workers' time. */
	busy: { now: number | null; then: number | null };
	queues: WireQueueWhatIf[];
	keep: WireKeep | null;
	notes: string[];
	assumed: string[];
	methods: string[];
	schedules: { name: string; cron: string }[];
}

export interface WireCrew {
	queues: string[];
	count: number;
}

export interface WireQueueWhatIf {
	name: string;
	label: string;
	/** Runs. */
	known: number;
	/** False: too few are known to say anything. */
	telling: boolean;
	/** Waiting times by their percentile, `p50`. */
	observed_s: Record<string, number | null>;
	now_s: Record<string, number | null>;
	then_s: Record<string, number | null>;
	jobs: number;
	/** Jobs that nobody takes any more. */
	unserved: number;
}

export interface WireKeep {
	queue: string;
	within_s: number;
	/** Of a hundred, those that are to be within. */
	jobs: number;
	days: number;
	/** On so many it is kept as it is. */
	kept: number;
	options: WireKeepOption[];
	text: string;
}

export interface WireKeepOption {
	kind: string;
	workers: string;
	kept: number;
	text: string;
}
