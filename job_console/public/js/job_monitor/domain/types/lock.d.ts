export interface Locks {
	at: Date | null;
	locks: Lock[];
	/** There may be more locks than are listed. */
	atLeast: boolean;
	waits: Wait[];
	deadlocks: Deadlock[];
	others: OtherLock[];
	othersAtLeast: boolean;
}

export interface Lock {
	key: string;
	site: string | null;
	state: string;
	slots: number | null;
	holders: Holder[];
	/** Some of them are not listed where they are many. */
	holdersTotal: number;
	waiters: Actor[];
	/** More may wait than are listed. */
	waitersAtLeast: boolean;
	past: PastHolder[];
	acquired: number;
	contended: number;
	gaveUp: number;
	lapsed: number;
	longestHoldS: number;
}

/** Somebody who has a lock or waits for it: a job, else a process. */
export interface Actor {
	jobId: string | null;
	method: string | null;
	user: string | null;
	host: string | null;
	pid: number | null;
	thread: number | null;
	since: Date | null;
	shared: boolean;
}

export interface Holder extends Actor {
	/** The fencing token. */
	fence: number;
	/** When its lease ends. */
	until: Date | null;
}

export interface PastHolder extends Actor {
	endedAt: Date | null;
	heldS: number;
	how: string;
}

/** `waiter` and `holder` are the graph's names, see `actorName` of locks.js. */
export interface Wait {
	waiter: string;
	holder: string;
	lock: string;
	since: Date | null;
	/** The holder does not have the lock, but stands before the waiter in its line. */
	inLine: boolean;
}

export interface Deadlock {
	waits: Wait[];
	victim: string;
	lock: string;
	since: Date | null;
}

/** A lock that is not ours. */
export interface OtherLock {
	key: string;
	kind: string;
	name: string;
	document: [string, string] | null;
	state: string;
	says: string;
	site: string | null;
	since: Date | null;
	jobId: string | null;
}
