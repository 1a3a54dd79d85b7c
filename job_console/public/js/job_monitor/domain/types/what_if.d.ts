/** How long jobs would wait with other workers, queues or schedules. */
export interface WhatIf {
	workers: { now: Crew[]; then: Crew[] };
	busy: { now: number | null; then: number | null };
	queues: QueueWhatIf[];
	keep: { text: string; options: { workers: string; text: string }[] } | null;
	notes: string[];
	assumed: string[];
	/** What may be moved. */
	methods: string[];
	schedules: string[];
}

export interface Crew {
	queues: string[];
	count: number;
}

export interface QueueWhatIf {
	name: string;
	label: string;
	known: number;
	nowS: Record<string, number | null>;
	thenS: Record<string, number | null>;
}
