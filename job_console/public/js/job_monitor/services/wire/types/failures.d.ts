import type { WireTime } from "./common";

/** `page` of engine/failures/wire.py. */
export interface WireFailures {
	at: WireTime | null;
	failed: number;
	counted: number;
	without_record: number;
	/** Every failed job is counted. */
	whole: boolean;
	total: number;
	page: number;
	size: number;
	groups: WireFailureGroup[];
	canaries: WireCanary[];
}

/** Failures with one cause: `group` there. */
export interface WireFailureGroup {
	group: string;
	method: string;
	type: string;
	frame: string | null;
	message: string;
	example: string;
	count: number;
	first_at: WireTime | null;
	last_at: WireTime | null;
	trend: number[];
	users: WireUserCount[];
	documents: WireDocument[];
	sampled: number;
	queues: string[];
	sites: string[];
}

export interface WireUserCount {
	user: string;
	count: number;
}

export interface WireDocument {
	doctype: string;
	name: string;
}

/** The retry of a group: `canary` there. */
export interface WireCanary {
	canary: string;
	group: string;
	site: string | null;
	method: string;
	type: string;
	message: string;
	state: string;
	by: string;
	reason: string;
	rate: number;
	stop_at: number;
	total: number;
	released: number;
	well: number;
	failed: number;
	gone: number;
	out: number;
	left: number;
	started_at: WireTime | null;
	changed_at: WireTime | null;
	error: string | null;
}
