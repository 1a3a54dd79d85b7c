import type { WireTime } from "./common";

/** What may stand where the cursor is in a query: `offer` of engine/jobs/completion.py. */
export interface WireCompletion {
	from: number;
	to: number;
	offers: { text: string; about: string }[];
	mistake: { text: string; position: number } | null;
}

/** Of what the waiting jobs are made: `told` of engine/jobs/composition.py. */
export interface WireWaiting {
	waiting: number;
	sample: number;
	exact: boolean;
	elsewhere: number;
	parts: Record<string, { name: string | null; count: number }[]>;
}

/** An action on all jobs of a query: engine/wire/bulks.py. */
export interface WireBulk {
	id: string;
	action: string;
	q: string;
	by: string;
	site: string | null;
	reason: string;
	undoes: string | null;
	state: string;
	started_at: WireTime;
	ended_at: WireTime | null;
	scanned: number;
	of: number;
	matched: number;
	tried: number;
	limit: number;
	cut: boolean;
	kinds: { ok: boolean; state: string; reason: string; count: number }[];
	undo: string | null;
	undoable: number;
	error: string;
}

/** A saved view of Jobs: engine/wire/saved_views.py. */
export interface WireSavedView {
	id: string;
	name: string;
	q: string;
	sort: string | null;
	owner: string;
	at: WireTime;
	shared: boolean;
	may_delete: boolean;
}
