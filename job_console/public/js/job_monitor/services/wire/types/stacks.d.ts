import type { WireTime } from "./common";

/** Where a running job is: the call `where`. */
export interface WireStacks {
	job_id: string;
	verdict: string;
	text: string;
	place: WireFrame | null;
	waits_for: string | null;
	port: number | null;
	for_s: number | null;
	process: WireProcess | null;
	native: { library: string; function: string }[];
	stacks: { main: boolean; frames: WireFrame[] }[];
	at: WireTime | null;
	statement: object | null;
}

export interface WireFrame {
	file: string;
	line: number;
	function: string;
}

export interface WireProcess {
	state: string;
	cpu_s: number;
	cpu_share: number | null;
	memory_bytes: number;
	peak_memory_bytes: number;
	threads: number;
}

/** At which lines it spent some seconds: the call `profile`. */
export interface WireProfile {
	job_id: string;
	problem: string;
	samples: number;
	for_s: number;
	cpu_s: number;
	unseen_s: number;
	stacks: { seconds: number; frames: WireFrame[] }[];
}
