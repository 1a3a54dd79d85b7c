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
