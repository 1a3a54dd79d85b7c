import type { Warning } from "./warning";

/** What an action did to one job, after looking again. */
export interface Result {
	jobId: string | null;
	ok: boolean;
	stateBefore: string | null;
	stateAfter: string | null;
	reason: string | null;
	newJobId: string | null;
}

/** One thing that "Mend what is safe" does, or would do. */
export interface MendStep extends Result {
	key: string;
	lock: string | null;
	code: string;
	queue: string | null;
	action: string;
	label: string | null;
}

export interface Mended {
	steps: MendStep[];
	left: Warning[];
}

export interface AuditPage {
	total: number;
	entries: AuditEntry[];
}

export interface AuditEntry {
	/** No other entry of the page has it. */
	key: string;
	at: Date | null;
	actor: string;
	action: string;
	jobId: string | null;
	site: string | null;
	ok: boolean;
	stateBefore: string | null;
	stateAfter: string | null;
	reason: string | null;
	queue: string | null;
	detail: string | null;
	method: string | null;
}

/** An action in words. */
export interface ActionWords {
	icon: string;
	/** On its button. */
	label: string;
	/** How its outcome reads: "1 job {done}." */
	done: string;
	/** What will happen. */
	explain: string;
	/** Asks before it is done. */
	destroys?: boolean;
	/** Asks for the lane it goes to. */
	needsLane?: boolean;
	undo?: Undo;
}

/** `action` undoes it, for jobs that were in the state `from`. */
export interface Undo {
	from: string;
	action: string;
	one: string;
	many: string;
}
