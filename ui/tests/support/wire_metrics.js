export function wireMetrics(more = {}) {
	return {
		last: "24h",
		by: "method",
		site: null,
		at: "2026-11-23T16:40:00.000000Z",
		since: "2026-11-23T14:00:00.000000Z",
		until: "2026-11-23T17:00:00.000000Z",
		step_s: 3600,
		points: 3,
		total: {
			key: "",
			runs: [400, 0, 90],
			failed: [0, 0, 31],
			timed_out: [0, 0, 2],
			worker_s: [800, 0, 300],
		},
		run_s: { p50: [1.98, null, 2.4], p90: [4.2, null, 5.1], p99: [11.5, null, 95] },
		wait_s: { p50: [0.4, null, 3], p90: [2.1, null, 30], p99: [9.8, null, 64] },
		failures: [{ type: "NoStock", count: 31 }],
		heat: {
			ends_s: [1.995, 2.512],
			counts: [
				[300, 100],
				[0, 0],
				[40, 50],
			],
		},
		wait_heat: { ends_s: [], counts: [] },
		lines: [
			{
				key: "shop.stock.sync",
				runs: [300, 0, 60],
				failed: [0, 0, 31],
				timed_out: [0, 0, 2],
				worker_s: [700, 0, 280],
			},
			{
				key: "(other)",
				runs: [100, 0, 30],
				failed: [0, 0, 0],
				timed_out: [0, 0, 0],
				worker_s: [100, 0, 20],
			},
		],
		ranked: [
			{ key: "shop.stock.sync", runs: 393, failed: 33, worker_s: 980 },
			{ key: "(other)", runs: 130, failed: 0, worker_s: 120 },
		],
		workers: { busy: [1.5, null, 2], alive: [2, null, 2] },
		queues: [
			{
				name: "bench:short",
				label: "short",
				depth: [7, null, 120],
				oldest_wait_s: [2.5, null, 64],
			},
		],
		marks: [],
		marks_left_out: 0,
		...more,
	};
}
