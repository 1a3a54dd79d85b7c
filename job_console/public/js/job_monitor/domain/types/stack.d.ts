/** Where a running job is in its code. */
export interface Stacks {
	verdict: string;
	text: string;
	/** The line of the application that it is at. */
	place: Frame | null;
	main: Stack | null;
	native: { library: string; function: string }[];
	others: Stack[];
	process: ProcessUse | null;
	at: Date | null;
}

export interface Stack {
	main: boolean;
	frames: Frame[];
}

export interface Frame {
	file: string;
	line: number;
	function: string;
}

export interface ProcessUse {
	cpuShare: number | null;
	cpuS: number;
	memory: number;
	peak: number;
	threads: number;
}

/** Where a running job was for some seconds. */
export interface Profile {
	/** Why there is none; "". */
	problem: string;
	samples: number;
	forS: number;
	cpuS: number;
	/** Of these nobody knows where it was. */
	unseenS: number;
	stacks: ProfileStack[];
}

/** Innermost frame first. */
export interface ProfileStack {
	seconds: number;
	frames: Frame[];
}

/** One function on the way from outside to inside. `share`: of the time, 0 to 1. */
export interface ProfileRow {
	depth: number;
	share: number;
	frame: Frame;
}
