import { describe, expect, it } from "vitest";
import { pageOpener } from "../support/opened.js";
import { wireJob, wireLane, wireSnapshot } from "../support/wire.js";

const open = pageOpener();

const worker = (change) => ({
	name: "w",
	label: "host · 7",
	state: "busy",
	queues: ["bench:short"],
	job_id: null,
	heartbeat_age_s: 3,
	...change,
});

describe("workers", () => {
	const shown = async (change, running = []) => {
		const { wrapper } = await open({
			start: { path: ["workers"], query: {} },
			answers: {
				snapshot: wireSnapshot({
					queues: [wireLane({ running })],
					workers: [worker(change)],
				}),
			},
		});
		return wrapper.find(".jc-worker").text();
	};

	it("that run another site's job are not between two jobs", async () => {
		expect(await shown({ elsewhere: true })).toContain("busy with a job of another site");
	});

	it("that are between two jobs say so", async () => {
		expect(await shown({})).toContain("between two jobs");
	});

	it("have a process of ours beside them, which the page names", async () => {
		const { wrapper } = await open({
			start: { path: ["workers"], query: {} },
			answers: { snapshot: wireSnapshot({ workers: [worker({})] }) },
		});
		expect(wrapper.text()).toContain("job_console.engine.host.reader");
		expect(wrapper.text()).toContain("job_console_stacks");
	});

	it("say of which versions they are, what memory they use, and how far Redis is", async () => {
		const measured = { rss_bytes: 71_303_168, horse_rss_bytes: null, round_trip_s: 0.000412 };
		const text = await shown({ ...measured, rq_version: "2.7.0", python_version: "3.12.3" });
		expect(text).toContain("RQ 2.7.0, Python 3.12.3");
		expect(text).toContain("memory 68 MB");
		expect(text).toContain("round trip 0.4 ms");
		expect(await shown({ ...measured, horse_rss_bytes: 104_857_600 })).toContain(
			"memory 68 MB, its job 100 MB",
		);
	});

	it("that nobody has measured say that, too", async () => {
		const text = await shown({});
		expect(text).toContain("memory not known");
		expect(text).not.toContain("round trip");
	});

	it("take work where there are any", async () => {
		const says = async (change) => {
			const { wrapper } = await open({
				start: { path: ["workers"], query: {} },
				answers: { snapshot: wireSnapshot({ workers: [worker(change)] }) },
			});
			return wrapper.find(".jc-bench-says").text();
		};
		expect(await says({})).toBe("Workers take work.");
		expect(await says({ state: "gone" })).toContain("a worker that starts takes work");
	});

	it("that were killed say so", async () => {
		const text = await shown({ state: "gone", gone: "Process 7 on host was killed." });
		expect(text).toContain("Gone");
		expect(text).toContain("Process 7 on host was killed.");
		expect(text).not.toContain("waits for a job");
	});

	it("that were told to stop say so, whatever they are at", async () => {
		const since = { draining_since: "2026-11-23T16:44:00Z" };
		expect(await shown({ state: "idle", ...since })).toMatch(
			/Stopping.*told to stop 60 s ago.*takes no more work/,
		);
		const job = wireJob({ id: "a", status: "started", started_at: "2026-11-23T16:40:00Z" });
		expect(await shown({ job_id: "a", ...since }, [job])).toMatch(/Stopping.*sync_stock/);
	});

	it("whose job is lost do not show it as running", async () => {
		const job = wireJob({
			id: "a",
			status: "started",
			started_at: "2026-11-23T16:40:00Z",
			lost: true,
			lost_reason: "It lost its worker.",
		});
		const text = await shown({ state: "gone", gone: "Killed.", job_id: "a" }, [job]);
		expect(text).toContain("lost: nothing runs it");
		expect(text).not.toContain("of 5 min");
	});

	it("whose record Redis lost may serve more than is known", async () => {
		expect(await shown({ unregistered: true })).toContain("Redis lost its record");
	});
});
