import type { Facts, Remedy } from "./common";

/** One finding of one detector about one subject. */
export interface Warning {
	/** Stable between two looks. */
	key: string;
	code: string;
	severity: string;
	queue: string | null;
	jobId: string | null;
	worker: string | null;
	site: string | null;
	since: Date | null;
	evidence: Facts;
	message: string;
	remedies: Remedy[];
	/** How somebody silenced it (acknowledged, snoozed, muted), who, and until when; null: it asks for somebody. */
	silenced: string | null;
	silencedBy: string | null;
	silencedUntil: Date | null;
	silenceReason: string | null;
}

/** Why a job is where it is: causes, the most immediate first. */
export interface Explanation {
	state: string | null;
	causes: Cause[];
	/** What no single cause offers. */
	remedies: Remedy[];
}

/** A sentence with its facts. */
export interface Cause {
	text: string;
	/** Without the figures that tick beside it: one picture has one clock. */
	brief: string;
	evidence: Facts;
	remedies: Remedy[];
	/** Whose job the remedies are for. */
	jobId: string | null;
}

export interface Incident {
	name: string;
	status: string;
	severity: string;
	code: string;
	message: string;
	jobs: number;
	lane: string | null;
	method: string | null;
	jobId: string | null;
	opened: Date | null;
	lastSeen: Date | null;
	resolved: Date | null;
	how: string | null;
	/** What was changed shortly before, in words. */
	after: string | null;
	acknowledgedBy: string | null;
}

/** What warnings of a code mean. */
export interface Manual {
	title: string;
	/** `text` is Markdown: see domain/markdown.js. */
	parts: { name: string; title: string; text: string }[];
}

/** A paragraph, which has one item, or a list. */
export interface Block {
	list: boolean;
	items: Span[][];
}

export interface Span {
	kind: string;
	text: string;
	href?: string;
}
