/** A term of a query, as it is written. */
export interface QueryTerm {
	/** "": a word alone. */
	field: string;
	negated: boolean;
	/** Without its quotes. */
	value: string;
	start: number;
	end: number;
}

/** What may stand where the cursor is. */
export interface Completion {
	/** What an offer takes the place of. */
	from: number;
	to: number;
	offers: { text: string; about: string }[];
	/** What is wrong with the query as it stands, and where. */
	mistake: { text: string; position: number } | null;
}

/** Of what the waiting jobs are made. */
export interface Waiting {
	waiting: number;
	/** So many were read. */
	sample: number;
	/** They are all that wait. */
	exact: boolean;
	/** Of other sites. */
	elsewhere: number;
	parts: Record<string, { name: string | null; count: number }[]>;
}

/** A column of the table of jobs. */
export interface Column {
	id: string;
	label: string;
	/** What the engine sorts by; null: it cannot. */
	sort: string | null;
	/** The direction that is asked for most. */
	first?: "ascending" | "descending";
	/** In pixels; null: it takes what is left. */
	width: number | null;
	/** It is there until somebody takes it away. */
	usual?: boolean;
	/** It cannot be taken away. */
	fixed?: boolean;
}

/** How somebody wants the table of jobs. */
export interface TableSettings {
	columns: string[];
	density: "comfortable" | "compact";
	size: number;
}

/** An action on all jobs of a query. */
export interface Bulk {
	id: string;
	action: string;
	query: string;
	by: string;
	/** The one that it undoes. */
	undoes: string | null;
	state: string;
	startedAt: Date | null;
	/** Jobs looked through, of how many. */
	scanned: number;
	of: number;
	/** Jobs that match; of these, what has been tried. */
	matched: number;
	tried: number;
	/** It takes so many at most; and more match. */
	limit: number;
	cut: boolean;
	kinds: { ok: boolean; state: string; reason: string; count: number }[];
	/** The action that would undo it; of so many. */
	undo: string | null;
	undoable: number;
	error: string;
}

/** A query of Jobs that somebody has kept under a name. */
export interface SavedView {
	id: string;
	name: string;
	query: string;
	sort: string | null;
	owner: string;
	/** Everybody sees it; else its owner alone. */
	shared: boolean;
	mayDelete: boolean;
}

export interface SavedViews {
	views: SavedView[];
	/** Who asks may share some. */
	mayShare: boolean;
}
