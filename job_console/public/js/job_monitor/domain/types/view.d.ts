/** What is on screen. */
export interface ViewState {
	view: string;
	filters: Record<string, string | undefined>;
	/** The id of the job that is open. */
	job: string | null;
}

/** A view of the page, as far as its address goes: its id, and the filters that it has. */
export interface View {
	id: string;
	filters: string[];
}

export interface Route {
	path: string[];
	query: Record<string, string>;
}

/** How far a running job is into its time. */
export interface Elapsed {
	seconds: number;
	/** Its timeout; null: it has none. */
	limit: number | null;
	/** 0 to 1. */
	fraction: number | null;
	level: "fine" | "near" | "late";
}

/** A few words of the status bar. */
export interface StatusItem {
	text: string;
	bad?: boolean;
	title?: string;
}

/** An argument of a job, as a field of a form. `was`: its text before; null where it is not shown whole. */
export interface ArgumentField {
	name: string;
	text: string;
	was: string | null;
}

export interface ArgumentChanges {
	changes: Record<string, unknown>;
	differences: { name: string; before: string; after: string }[];
	/** What is wrong with a field, by its name. */
	mistakes: Record<string, string>;
}

/** Failed jobs of one method with one type of error. */
export interface FailureGroup {
	key: string;
	method: string | null;
	label: string;
	errorType: string;
	message: string;
	jobs: import("./job").Job[];
	first: Date | null;
	last: Date | null;
}

/** Where something is on the drawn wait graph. */
export interface Point {
	x: number;
	y: number;
}

export interface WaitGraph {
	nodes: (Point & { name: string })[];
	edges: WaitEdge[];
	width: number;
	height: number;
}

/** `dead`: a part of a deadlock. `path` is SVG's, and the lock's name stands at `middle`. */
export interface WaitEdge {
	from: string;
	to: string;
	lock: string;
	dead: boolean;
	path: string;
	middle: Point;
}
