// Failures by their cause as a server would tell them, for tests.

export function wireGroup(change = {}) {
	return {
		group: "5f0c2b7d91ae4c33",
		method: "shop.stock.sync",
		type: "shop.errors.NoStock",
		frame: "shop/stock.py in sync",
		message: "no stock of …",
		example: "no stock of SHIRT-42",
		count: 712,
		first_at: "2026-11-22T16:45:00Z",
		last_at: "2026-11-23T16:44:00Z",
		trend: [...Array(22).fill(0), 12, 700],
		users: [{ user: "mia@example.com", count: 90 }],
		documents: [{ doctype: "Item", name: "SHIRT-42" }],
		sampled: 100,
		queues: ["bench:short"],
		sites: ["shop.example.com"],
		...change,
	};
}

export function wireCanary(change = {}) {
	return {
		canary: "5f0c2b7d91ae4c33@",
		group: "5f0c2b7d91ae4c33",
		site: null,
		method: "shop.stock.sync",
		type: "NoStock",
		message: "no stock of …",
		state: "trying",
		by: "mia@example.com",
		reason: "stock was counted",
		rate: 60,
		stop_at: 3,
		total: 712,
		released: 1,
		well: 0,
		failed: 0,
		gone: 0,
		out: 1,
		left: 711,
		started_at: "2026-11-23T16:44:00Z",
		changed_at: "2026-11-23T16:44:00Z",
		error: null,
		...change,
	};
}

export function wireFailures(change = {}) {
	const groups = change.groups ?? [wireGroup()];
	const counted = groups.reduce((sum, group) => sum + group.count, 0);
	return {
		at: "2026-11-23T16:45:00Z",
		failed: counted,
		counted,
		without_record: 0,
		whole: true,
		total: groups.length,
		page: 1,
		size: 50,
		canaries: [],
		...change,
		groups,
	};
}
