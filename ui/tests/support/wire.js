// The wire's answers as a server would give them, for tests.

export function wireJob(change = {}) {
	return {
		id: "shop.example.com||abc",
		label: "sync_stock",
		method: "shop.integrations.sync_stock",
		kind: "method",
		queue: "bench:short",
		status: "queued",
		site: "shop.example.com",
		user: "ops@example.com",
		enqueued_at: "2026-11-23T16:40:00.123456Z",
		started_at: null,
		ended_at: null,
		due_at: null,
		timeout_s: 300,
		elapsed_s: null,
		attempt: 1,
		worker: null,
		arguments: { warehouse: "Stores" },
		error: null,
		actions: ["cancel", "front", "move", "delete"],
		...change,
	};
}

export function wireProgress(change = {}) {
	return {
		done: 41230,
		total: 80000,
		text: "ledgers",
		fraction: 0.5154,
		rate: 107.7,
		left_s: 360,
		at: "2026-11-23T16:45:00Z",
		overheard: false,
		extended_s: 0,
		chunks: null,
		parked: null,
		...change,
	};
}

export function wireChunks(change = {}) {
	return {
		committed: 41200,
		skipped: 0,
		failed: 0,
		reasons: [],
		checkpoint: "abc",
		part: null,
		run: 1,
		...change,
	};
}

export function wireLane(change = {}) {
	return {
		name: "bench:short",
		label: "short",
		counts: { queued: 0, started: 0, failed: 0, finished: 0, deferred: 0, scheduled: 0 },
		workers: { busy: 0, idle: 2 },
		oldest_wait_s: null,
		running: [],
		running_elsewhere: 0,
		head: [],
		head_elsewhere: 0,
		failures: [],
		failures_elsewhere: 0,
		...change,
	};
}

export function wireWarning(change = {}) {
	return {
		code: "ghost_started",
		severity: "critical",
		queue: "bench:short",
		job_id: "shop.example.com||abc",
		worker: null,
		site: "shop.example.com",
		since: "2026-11-23T16:00:00Z",
		evidence: { last_heartbeat: "17 h ago" },
		message: "Email pull has not run for 17 h.",
		remedies: [
			{ action: "requeue", label: "Free it", safe: false, explain: "It waits again." },
		],
		...change,
	};
}

export function wireSnapshot(change = {}) {
	return {
		at: "2026-11-23T16:45:00Z",
		site: null,
		read_only: false,
		health: { verdict: "ok", reasons: [] },
		redis: { used_bytes: 35_651_584, max_bytes: 2_147_483_648, version: "7.0.15" },
		suspended: false,
		queues: [wireLane()],
		workers: [],
		warnings: [],
		...change,
	};
}

export function wireDetail(change = {}) {
	return {
		...wireJob(),
		runs: [],
		timeline: [{ event: "enqueued", at: "2026-11-23T16:40:00Z" }],
		position: 1,
		result: null,
		dependencies: [],
		dependents: [],
		warnings: [],
		document: null,
		failure_group: null,
		expires_at: null,
		policy: null,
		...change,
	};
}

/** A lane in which there is everything: work that runs, waits and failed, ours and that of other sites. */
export const busyLane = wireLane({
	counts: { queued: 12, started: 1, failed: 3 },
	workers: { busy: 1, idle: 1 },
	oldest_wait_s: 4,
	running: [
		wireJob({
			id: "run",
			label: "send_email",
			status: "started",
			started_at: "2026-11-23T16:44:00Z",
			actions: ["stop"],
		}),
	],
	running_elsewhere: 3,
	head: [wireJob({ id: "next" })],
	head_elsewhere: 2,
	failures: [
		wireJob({
			id: "f1",
			status: "failed",
			error: { type: "shop.errors.NoStock", message: "none left" },
		}),
	],
});

export function wireHold(change = {}) {
	return {
		by: "mia@example.com",
		reason: "the bank is down",
		at: "2026-11-23T16:40:00Z",
		until: "2026-11-23T18:00:00Z",
		...change,
	};
}

export function wireDrain(change = {}) {
	const block = {
		job_id: "shop.example.com||run",
		label: "sync_stock",
		queue: "bench:short",
		worker: "w",
		taken: false,
		ran_s: 60,
		left_s: 120,
		most_s: 240,
	};
	return {
		suspension: wireHold(),
		draining: true,
		safe: false,
		text: "Not safe yet: 2 jobs still run.",
		safe_in_s: 120,
		safe_within_s: 240,
		blocks: [block, { ...block, job_id: null, label: "a job of another site" }],
		blocks_total: 2,
		nameless: [],
		deaf: [],
		waiting: 0,
		...change,
	};
}
