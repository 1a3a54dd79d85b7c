import type { WireTime } from "./common";

export interface WireLocks {
	at: WireTime;
	locks: WireLock[];
	/** There may be more locks than are listed. */
	locks_at_least: boolean;
	waits: WireWait[];
	deadlocks: WireDeadlock[];
	others: WireOtherLock[];
	others_at_least: boolean;
}

/** `lock` of engine/locks/wire.py. */
export interface WireLock {
	key: string;
	site: string | null;
	state: string;
	slots: number;
	holder: WireHolder | null;
	holders: WireHolder[];
	/** Some of them are not listed where they are many. */
	holders_total: number;
	fence: number;
	acquired_at: WireTime | null;
	expires_in_s: number | null;
	waiters: WireWaiter[];
	/** More may wait than are listed. */
	waiters_at_least: boolean;
	acquired: number;
	contended: number;
	gave_up: number;
	lapsed: number;
	forced: number;
	longest_hold_s: number;
	last_holders: WirePastHolder[];
}

/** All null for somebody of another site. */
export interface WireActor {
	job_id: string | null;
	method: string | null;
	worker: string | null;
	host: string | null;
	pid: number | null;
	thread: number | null;
	user: string | null;
	site: string | null;
	since: WireTime;
}

export interface WireHolder extends WireActor {
	held_s: number;
	token: number;
	expires_in_s: number | null;
	ttl_s: number;
	shared: boolean;
}

export interface WireWaiter extends WireActor {
	waited_s: number;
	shared: boolean;
}

export interface WirePastHolder extends WireActor {
	ended_at: WireTime;
	held_s: number;
	how: string;
	token: number;
}

/** `waiter` and `holder` are the wait graph's names for them. */
export interface WireWait {
	waiter: string;
	holder: string;
	lock: string;
	since: WireTime;
	in_line: boolean;
}

export interface WireDeadlock {
	edges: WireWait[];
	victim: string;
	lock: string;
	since: WireTime;
}

/** A lock that is not ours: lock files, document locks, the scheduler's, job ids. */
export interface WireOtherLock {
	key: string;
	kind: string;
	name: string;
	state: string;
	says: string;
	site: string | null;
	since: WireTime | null;
	age_s: number | null;
	owner: { job_id?: string | null } | null;
	/** Doctype and name. */
	document: [string, string] | null;
}

/** The answer to a release or an extension. */
export interface WireLockChanged {
	lock: WireLock;
	/** How many holders it was taken from, or given more time. */
	released?: number;
	extended?: number;
}
