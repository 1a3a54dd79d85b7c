import { describe, expect, it, vi } from "vitest";
import { toLane } from "@/services/wire/snapshot.js";
import { pageOpener } from "../support/opened.js";
import { button, settle } from "../support/page.js";
import {
	busyLane,
	wireChunks,
	wireJob,
	wireLane,
	wireProgress,
	wireSnapshot,
} from "../support/wire.js";

const open = pageOpener();

describe("lanes", () => {
	it("say what waits, what runs, what is next and what failed", async () => {
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busyLane] }) },
		});
		const text = wrapper.find(".jc-lane").text();
		expect(text).toContain("12 waiting, oldest 4 s");
		expect(text).toContain("1 of 2 workers busy");
		expect(text).toContain("send_email");
		expect(text).toContain("60 s of 5 min");
		expect(text).toContain("3 jobs from other sites");
		expect(text).toContain("2 jobs from other sites");
		expect(text).toContain("+9 more waiting");
		expect(text).not.toContain("all sites");
		expect(text).toContain("NoStock");
		const bar = wrapper.find("[role=progressbar]");
		expect(bar.attributes("aria-valuenow")).toBe("20");
	});

	it("say when only other sites' jobs failed", async () => {
		const lane = { ...busyLane, failures: [], failures_elsewhere: 5 };
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [lane] }) },
		});
		expect(wrapper.find(".jc-lane").text()).toContain("5 failed on other sites");
	});

	it("do not take other sites' jobs for their own", async () => {
		const site = "shop.example.com";
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ site, queues: [busyLane] }) },
		});
		expect(wrapper.find(".jc-lane").text()).toContain("+9 more waiting, all sites");
	});

	const looks = (host) => host.call.mock.calls.filter(([name]) => name === "snapshot").length;

	it("tick without asking the server", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busyLane] }) },
		});
		await vi.advanceTimersByTimeAsync(2000);
		expect(wrapper.find(".jc-lane").text()).toContain("62 s of 5 min");
		expect(looks(host)).toBe(1);
	});

	it("keep their rows in the DOM from one look to the next", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: () => wireSnapshot({ queues: [busyLane] }) },
		});
		const row = wrapper.find("[data-jc-row=run]").element;
		host.emit("changed", "now");
		await vi.advanceTimersByTimeAsync(1500);
		expect(looks(host)).toBe(2);
		expect(wrapper.find("[data-jc-row=run]").element).toBe(row);
	});

	it("say how long they take, and what is usual, where that is known", async () => {
		const running = [{ ...busyLane.running[0], usual_s: 180 }];
		const { wrapper } = await open({
			answers: {
				snapshot: wireSnapshot({ queues: [{ ...busyLane, running, drain_s: 75 }] }),
			},
		});
		const text = wrapper.find(".jc-lane").text();
		expect(text).toContain("a new job should start within 75 s");
		expect(text).toContain("60 s of 5 min, usually 3 min");
	});

	it("show how far a job has come, and look more often while it moves", async () => {
		let done = 41230;
		const job = () => ({
			...busyLane.running[0],
			actions: ["pause", "stop"],
			progress: wireProgress({ done, fraction: done / 80000, at: new Date().toISOString() }),
		});
		const { wrapper, host } = await open({
			answers: {
				snapshot: () => wireSnapshot({ queues: [{ ...busyLane, running: [job()] }] }),
			},
		});
		const row = () => wrapper.find("[data-jc-row=run]");
		expect(row().text()).toContain("41,230 of 80,000, about 6 min left");
		expect(row().text()).toContain("ledgers");
		expect(row().text()).toContain("60 s of 5 min");
		expect(row().find("[role=progressbar]").attributes("aria-valuenow")).toBe("52");
		expect(row().text()).toContain("Pause");
		done = 60000;
		host.emit("open");
		await vi.advanceTimersByTimeAsync(3500);
		expect(row().find("[role=progressbar]").attributes("aria-valuenow")).toBe("75");
	});

	it("keep what is paused at hand", async () => {
		const parked = wireJob({
			id: "paused",
			status: "scheduled",
			actions: ["unpause", "cancel"],
			progress: wireProgress({
				chunks: wireChunks(),
				parked: {
					by: "sam@example.com",
					at: "2026-11-23T16:00:00Z",
					reason: "month end",
					until: "somebody",
				},
			}),
		});
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [wireLane({ parked: [parked] })] }) },
		});
		const row = wrapper.find("[data-jc-row=paused]");
		expect(row.text()).toContain("41,230 of 80,000");
		expect(row.text()).toContain("paused by sam@example.com");
		await button(row, "Resume").trigger("click");
		await settle();
		expect(host.act.mock.calls[0][0]).toMatchObject({
			action: "unpause",
			job_ids: ["paused"],
		});
	});

	const lost = (change) => ({
		...busyLane,
		workers: { busy: 0, idle: 0 },
		running: [
			wireJob({
				id: "run",
				label: "send_email",
				status: "started",
				started_at: "2026-11-23T16:44:00Z",
				actions: ["fail", "requeue"],
				lost: true,
				lost_reason: "send_email lost its worker: process 7 on a is gone.",
				remedies: [
					{ action: "fail", label: "Mark as failed", explain: "It moves.", safe: true },
					{ action: "requeue", label: "Put it back", explain: "Again.", safe: false },
				],
				...change,
			}),
		],
	});

	it("call what nothing runs lost: no bar grows, and its remedies stand in place of [Stop]", async () => {
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [lost()] }) },
		});
		const row = wrapper.find(".jc-running");
		expect(row.text()).toContain("lost: nothing runs it");
		expect(row.find("[role=progressbar]").exists()).toBe(false);
		expect(row.text()).not.toContain("of 5 min");
		expect(row.find("[title='Lost']").exists()).toBe(true);
		expect(wrapper.find(".jc-lane").text()).toContain("Running, or lost");
		expect(row.findAll("button").map((each) => each.text())).toEqual([
			"Mark as failed",
			"Put it back…",
		]);
	});

	it("do not call running where everything is lost", async () => {
		const lane = { ...lost(), running_elsewhere: 0 };
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [lane] }) },
		});
		expect(wrapper.find(".jc-lane").text()).not.toContain("Running");
	});

	it("show what goes on without its worker as running", async () => {
		const goesOn = lost({
			lost: false,
			actions: ["stop_gently"],
			remedies: [
				{ action: "stop_gently", label: "Stop it gently", explain: "", safe: false },
			],
		});
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [goesOn] }) },
		});
		const row = wrapper.find(".jc-running");
		expect(row.find("[role=progressbar]").exists()).toBe(true);
		expect(row.text()).toContain("its worker is gone");
		expect(row.findAll("button").map((each) => each.text())).toEqual(["Stop it gently…"]);
	});

	it("say which of their numbers are cut, and who takes no more work", async () => {
		const lane = {
			...busyLane,
			counts: { queued: 12, started: 60, failed: 312 },
			workers: { busy: 1, idle: 1, draining: 1 },
			oldest_wait_at_least: true,
			failures: [1, 2].map((n) => ({ ...busyLane.failures[0], id: `f${n}` })),
			failures_elsewhere: 3,
		};
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [lane] }) },
		});
		const text = wrapper.find(".jc-lane").text();
		expect(text).toContain("12 waiting, oldest at least 4 s");
		expect(text).toContain("1 of 2 workers busy, 1 stopping");
		expect(text).toContain("+56 more running");
		expect(text).toContain("at least 2 ×");
		expect(text).toContain("at least 3 failed on other sites");
		const whole = { ...lane, counts: { ...lane.counts, started: 4, failed: 5 } };
		const page = await open({ answers: { snapshot: wireSnapshot({ queues: [whole] }) } });
		const exact = page.wrapper.find(".jc-lane").text();
		expect(exact).toContain("2 ×");
		expect(exact).not.toContain("at least 2");
		expect(exact).not.toContain("more running");
		wrapper.unmount();
	});

	it("say when a new job starts in the words of the job's own Why?, also that there is no telling", async () => {
		const shown = async (change) => {
			const { wrapper } = await open({
				answers: { snapshot: wireSnapshot({ queues: [{ ...busyLane, ...change }] }) },
			});
			const text = wrapper.find(".jc-lane-facts").text();
			wrapper.unmount();
			return text;
		};
		expect(await shown({ drain_s: 1.4 })).toContain("a new job should start at once");
		expect(await shown({ drain_s: null })).toContain("no telling when a new job starts");
		const draining = { workers: { busy: 1, idle: 0, draining: 1 }, drain_s: null };
		expect(await shown(draining)).not.toContain("no telling");
		expect(await shown({ counts: { queued: 0 }, drain_s: 0 })).toBe(
			"nothing waits1 of 2 workers busy",
		);
	});

	it("that have no worker say so", async () => {
		const lane = { ...busyLane, workers: { busy: 0, idle: 0 }, running: [] };
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [lane] }) },
		});
		expect(wrapper.find(".jc-lane .jc-red-text").text()).toBe("no workers");
	});

	it("that are empty teach", async () => {
		const { wrapper } = await open({});
		expect(wrapper.text()).toContain("Nothing runs and nothing waits.");
		expect(toLane(wireLane()).running).toEqual([]);
	});
});
