// Locks as a server would give them, for tests.

export function wireWho(job, change = {}) {
	return {
		job_id: job,
		method: `shop.tasks.${job}`,
		user: "ann@example.com",
		host: "web-1",
		pid: 7,
		site: "shop.example.com",
		since: "2026-11-23T16:44:00Z",
		shared: false,
		...change,
	};
}

export function wireHolder(job, change = {}) {
	return wireWho(job, { token: 42, expires_in_s: 50, ttl_s: 60, held_s: 60, ...change });
}

export function wireLock(key, holders, waiters = [], change = {}) {
	return {
		key: `shop.example.com|${key}`,
		site: "shop.example.com",
		state: holders.length ? "held" : "free",
		slots: 1,
		holders,
		waiters,
		fence: 42,
		acquired: 12,
		contended: 3,
		gave_up: 1,
		lapsed: 0,
		forced: 0,
		longest_hold_s: 90,
		last_holders: [],
		...change,
	};
}

export function wireWait(waiter, holder, lock) {
	return {
		waiter: `job ${waiter}`,
		holder: `job ${holder}`,
		lock: `shop.example.com|${lock}`,
		since: "2026-11-23T16:44:30Z",
	};
}

export function wireLocks(change = {}) {
	return {
		at: "2026-11-23T16:45:00Z",
		locks: [],
		waits: [],
		deadlocks: [],
		others: [],
		...change,
	};
}

/** Two jobs, each of which has what the other waits for. */
export function wireDeadlock() {
	const waits = [wireWait("one", "two", "stock"), wireWait("two", "one", "ledger")];
	return wireLocks({
		locks: [
			wireLock("ledger", [wireHolder("one")], [wireWho("two")]),
			wireLock("stock", [wireHolder("two", { token: 43 })], [wireWho("one")]),
		],
		waits,
		deadlocks: [
			{
				edges: waits,
				victim: "job two",
				lock: "shop.example.com|stock",
				since: waits[0].since,
			},
		],
	});
}
