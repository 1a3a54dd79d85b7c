// Answers about schedules as a server would give them, for tests.

export function wireRun(minute, outcome = "finished") {
	const at = `2026-11-23T16:${String(minute).padStart(2, "0")}:00Z`;
	return { at, run_s: 1.8, outcome };
}

export function wireEntry(record, change = {}) {
	return {
		record: `tasks.${record}`,
		method: `shop.tasks.${record}`,
		cron: "0 2 * * *",
		words: "every day at 02:00",
		problem: null,
		declared: null,
		declared_words: null,
		pace: null,
		queue: "bench:long",
		lane: "long",
		job_id: `shop.example.com||scheduled_job||tasks.${record}`,
		job_status: null,
		stopped: false,
		last_at: "2026-11-23T01:00:00Z",
		due_at: "2026-11-24T01:00:00Z",
		next: [wireOccasion("2026-11-24T01:00:00Z", "2026-11-24T02:00")],
		usual_s: 42,
		longest_s: 90,
		runs: [],
		succeeded: 0,
		success_rate: null,
		policy: null,
		...change,
	};
}

export function wireOccasion(starts_at, shown, oddity = null) {
	return { due_at: starts_at, starts_at, shown, oddity };
}

export function wireSchedules(entries, change = {}) {
	const site = { site: "shop.example.com", running: true, zone: "Europe/Berlin", age_s: 3 };
	return { at: "2026-11-23T16:45:00Z", schedules: [{ ...site, ...change, entries }] };
}

export function wirePreview(cron, change = {}) {
	return { cron, words: `words of ${cron}`, mistake: null, next: [], pace: null, ...change };
}

export function wireDay(change = {}) {
	const block = (starts_at, ends_at, more = {}) => ({
		starts_at,
		ends_at,
		busy_s: (new Date(ends_at) - new Date(starts_at)) / 1000,
		waits_s: 0,
		entries: [0],
		runs: 1,
		...more,
	});
	return {
		start: "2026-11-23T17:00:00Z",
		end: "2026-11-24T17:00:00Z",
		entries: [{ record: "tasks.aging", site: "shop.example.com", usual_s: 3600 }, null],
		lanes: [
			{
				name: "bench:long",
				label: "long",
				unserved: 0,
				workers: [
					{
						name: "w1",
						blocks: [
							block("2026-11-24T01:00:00Z", "2026-11-24T02:00:00Z"),
							block("2026-11-24T02:00:00Z", "2026-11-24T05:00:00Z", {
								waits_s: 3600,
								entries: [1],
							}),
						],
					},
				],
			},
		],
		rushes: [],
		overlaps: [],
		runs: 2,
		unknown: 0,
		cut: false,
		...change,
	};
}
