/** How long jobs would wait with other workers, queues or schedules: `what_if_json` of engine/wire/what_if.py. */
export interface WhatIf {
	days_known: number;
	days_played: number;
	workers: { now: Crew[]; then: Crew[] };
	busy: { now: number | null; then: number | null };
	queues: QueueWhatIf[];
	keep: { text: string; options: { workers: string; text: string }[] } | null;
	notes: string[];
	assumed: string[];
	/** What may be moved. */
	methods: string[];
	schedules: { name: string; cron: string }[];
}

export interface Crew {
	queues: string[];
	count: number;
}

export interface QueueWhatIf {
	name: string;
	label: string;
	known: number;
	telling: boolean;
	now_s: Record<string, number | null>;
	then_s: Record<string, number | null>;
}
