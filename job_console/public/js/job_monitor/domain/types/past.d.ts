import type { Mark } from "./metrics";
import type { Snapshot } from "./snapshot";

/** The bench at a moment of the past. Times in milliseconds. */
export interface Moment {
	at: number;
	now: number;
	everyMs: number;
	keptMs: number;
	/** Null: nothing is known of it. */
	snapshot: Snapshot | null;
	before: number | null;
	after: number | null;
	/** From when until when there are pictures without a gap. */
	covered: [number, number][];
	marks: Mark[];
}

/** What the bar shows, in milliseconds. */
export interface Window {
	since: number;
	until: number;
}

/** A piece of the bar: from where, and how wide, as shares of it. */
export interface Piece {
	left: number;
	width: number;
}

/** Something on the bar that one can go to. */
export interface PastPoint {
	at: number;
	left: number;
	text: string;
	bad: boolean;
}

/** What is another now: `then` and `now` as they are shown. */
export interface Difference {
	what: string;
	then: string;
	now: string;
}

export interface Comparison {
	lanes: { name: string; label: string; differences: Difference[] }[];
	/** Warnings that are there now and were not then, and the other way round. */
	begun: string[];
	ended: string[];
}
