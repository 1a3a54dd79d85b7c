import { beforeEach, describe, expect, it } from "vitest";
import { pageOpener } from "../support/opened.js";
import { button, settle } from "../support/page.js";
import { wireDrain, wireHold, wireLane, wireSnapshot, wireWarning } from "../support/wire.js";

const open = pageOpener();
const done = { results: [{ job_id: "", ok: true, reason: "" }] };
const lanes = [wireLane(), wireLane({ name: "bench:long", label: "long" })];

const worker = (change) => ({
	name: "w",
	label: "host · 7",
	state: "idle",
	queues: ["bench:short"],
	job_id: null,
	heartbeat_age_s: 3,
	obeys: true,
	...change,
});

describe("a lane", () => {
	it("is paused until an hour that somebody chooses, with a reason", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: lanes }), operate: done },
			hooks: {},
		});
		host.ask.mockResolvedValue({ until: "3600", reason: "the bank is down" });
		await button(wrapper.find(".jc-lane"), "Pause").trigger("click");
		await settle();
		const [question] = host.ask.mock.calls[0];
		expect(question.title).toBe("Pause: short");
		expect(question.fields.map((field) => field.name)).toEqual(["until", "reason"]);
		expect(host.post).toHaveBeenCalledWith("operate", {
			action: "pause_queue",
			target: "bench:short",
			seconds: 3600,
			reason: "the bank is down",
		});
		expect(host.notify).toHaveBeenCalledWith("Done: the lane is paused.", "green");
	});

	it("stays as it is when the question is closed", async () => {
		const { wrapper, host } = await open({ answers: { snapshot: wireSnapshot() } });
		host.ask.mockResolvedValue(null);
		await button(wrapper.find(".jc-lane"), "Pause").trigger("click");
		await settle();
		expect(host.post).not.toHaveBeenCalled();
	});

	it("that is paused says who, why and until when, and is resumed after one question", async () => {
		const paused = { ...wireHold(), deaf: ["w"] };
		const snapshot = wireSnapshot({ queues: [wireLane({ paused })], workers: [worker()] });
		const { wrapper, host } = await open({ answers: { snapshot, operate: done } });
		const text = wrapper.find(".jc-lane-pause").text();
		expect(text).toContain("by mia@example.com: the bank is down");
		expect(text).toContain("Worker host · 7 takes its jobs all the same");
		expect(wrapper.find(".jc-status-bar").text()).toContain("paused: short");
		await button(wrapper.find(".jc-lane"), "Resume").trigger("click");
		await settle();
		expect(host.confirm).toHaveBeenCalledTimes(1);
		expect(host.post).toHaveBeenCalledWith("operate", {
			action: "resume_queue",
			target: "bench:short",
		});
	});

	it("cannot be paused by who may only look", async () => {
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ read_only: true }) },
		});
		expect(button(wrapper.find(".jc-lane"), "Pause")).toBeUndefined();
	});

	it("tells what was refused, and what else is to be known", async () => {
		let result = { ok: false, reason: "Nothing was done: no worker obeys." };
		const { wrapper, host } = await open({
			answers: {
				snapshot: wireSnapshot(),
				operate: () => ({ results: [{ job_id: "", ...result }] }),
			},
		});
		host.ask.mockResolvedValue({ until: "900", reason: "why" });
		await button(wrapper.find(".jc-lane"), "Pause").trigger("click");
		await settle();
		expect(host.notify).toHaveBeenLastCalledWith(result.reason, "orange");
		result = { ok: true, reason: "1 worker goes on." };
		await button(wrapper.find(".jc-lane"), "Pause").trigger("click");
		await settle();
		const text = "Done: the lane is paused. 1 worker goes on.";
		expect(host.notify).toHaveBeenLastCalledWith(text, "orange");
	});
});

describe("a worker", () => {
	let page;
	const show = async (change, more = {}) => {
		page = await open({
			start: { path: ["workers"], query: {} },
			answers: { snapshot: wireSnapshot({ workers: [worker(change)] }), operate: done },
			...more,
		});
		return page.wrapper.find(".jc-worker");
	};

	it("is told to take no more work, or to stop after its job", async () => {
		const row = await show({});
		page.host.ask.mockResolvedValue({ until: "900", reason: "swapping" });
		await button(row, "Quiet").trigger("click");
		await settle();
		const [, request] = page.host.post.mock.calls[0];
		expect(request).toEqual({
			action: "quiet",
			target: "w",
			seconds: 900,
			reason: "swapping",
		});
		page.host.ask.mockResolvedValue({ reason: "leaks" });
		await button(row, "Stop after its job").trigger("click");
		await settle();
		const [, stop] = page.host.post.mock.calls[1];
		expect(stop).toEqual({ action: "stop_worker", target: "w", reason: "leaks" });
	});

	it("that is quiet says so, and may work again", async () => {
		const row = await show({ quiet: wireHold() });
		expect(row.text()).toContain("by mia@example.com: the bank is down");
		expect(row.text()).not.toContain("waits for a job");
		expect(button(row, "Take work")).toBeDefined();
	});

	it("that was told to stop is not told again: that would end its job", async () => {
		const row = await show({ state: "busy", draining_since: "2026-11-23T16:44:00Z" });
		expect(row.text()).toContain("told to stop");
		expect(row.findAll("button")).toHaveLength(0);
	});

	it("without Job Console can only be stopped", async () => {
		const row = await show({ obeys: false });
		expect(row.text()).toContain("obeys no pause");
		expect(button(row, "Quiet")).toBeUndefined();
		expect(button(row, "Stop after its job")).toBeDefined();
	});
});

describe("the bench", () => {
	let answers;
	const show = async (query = {}) => open({ start: { path: ["workers"], query }, answers });

	beforeEach(() => {
		answers = { snapshot: wireSnapshot(), operate: done, drain: wireDrain() };
	});

	it("is suspended with an end and a reason", async () => {
		const { wrapper, host } = await show();
		host.ask.mockResolvedValue({ until: "900", reason: "a deploy" });
		await button(wrapper.find(".jc-bench-state"), "Suspend").trigger("click");
		await settle();
		expect(host.ask.mock.calls[0][0].danger).toBe(true);
		expect(host.post.mock.calls[0][1]).toMatchObject({ action: "suspend", seconds: 900 });
	});

	it("that is suspended says by whom, and takes work again", async () => {
		answers.snapshot = wireSnapshot({ suspended: true, suspension: wireHold() });
		const { wrapper, host } = await show();
		const state = wrapper.find(".jc-bench-state");
		expect(state.text()).toContain("All workers are suspended until");
		expect(wrapper.find(".jc-status-bar").text()).toContain("workers are suspended");
		expect(state.text()).toContain("by mia@example.com");
		await button(state, "Resume workers").trigger("click");
		await settle();
		expect(host.act).toHaveBeenCalledWith({ action: "resume" });
	});

	it("shows before a deploy what still runs", async () => {
		const { wrapper, host } = await show({ drain: "1" });
		const report = wrapper.find(".jc-drain");
		expect(report.text()).toContain("Not safe yet");
		expect(report.text()).toContain("2 jobs still run.");
		const [mine, theirs] = report.findAll("li");
		expect(mine.text()).toContain("sync_stock");
		expect(mine.text()).toContain("for 60 s, usually over in 2 min");
		expect(theirs.find("a").exists()).toBe(false);
		expect(button(report, "Suspend all workers")).toBeUndefined();
		expect(host.call).toHaveBeenCalledWith("drain", {});
	});

	it("offers to begin a drain, and says when it is safe", async () => {
		answers.drain = wireDrain({ draining: false });
		const { wrapper } = await show({ drain: "1" });
		expect(button(wrapper.find(".jc-drain"), "Suspend all workers")).toBeDefined();
		answers.drain = wireDrain({ safe: true, blocks: [], blocks_total: 0 });
		const { wrapper: later } = await show({ drain: "1" });
		expect(later.find(".jc-drain").text()).toContain("Safe to deploy");
	});
});

describe("a warning's remedy", () => {
	const remedies = [{ action: "move_waiting", label: "Move them", safe: false, explain: "" }];

	it("moves what waits to another lane", async () => {
		const warning = wireWarning({ code: "no_workers", job_id: null, remedies });
		const snapshot = wireSnapshot({ queues: lanes, warnings: [warning] });
		const results = ["a", "b"].map((job_id) => ({ job_id, ok: true, reason: "" }));
		const { wrapper, host } = await open({ answers: { snapshot, operate: { results } } });
		host.ask.mockResolvedValue({ to: "bench:long", reason: "no worker" });
		await button(wrapper, "Move them").trigger("click");
		await settle();
		const [{ fields }] = host.ask.mock.calls[0];
		expect(fields[0].options).toEqual([{ value: "bench:long", label: "long" }]);
		expect(host.post.mock.calls[0]).toEqual([
			"operate",
			{
				action: "move_waiting",
				target: "bench:short",
				reason: "no worker",
				to: "bench:long",
			},
		]);
		expect(host.notify).toHaveBeenCalledWith("2 jobs moved.", "green");
	});

	it("says so when there is no other lane", async () => {
		const warning = wireWarning({ code: "no_workers", job_id: null, remedies });
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ warnings: [warning] }) },
		});
		await button(wrapper, "Move them").trigger("click");
		await settle();
		expect(host.ask).not.toHaveBeenCalled();
		expect(host.notify).toHaveBeenCalledWith("There is no other lane.", "orange");
	});

	it("pauses the method of its site", async () => {
		const pause = [{ action: "pause_method", label: "Pause", safe: false, explain: "" }];
		const evidence = { method: "shop.sync" };
		const warning = wireWarning({ code: "crash_loop", evidence, remedies: pause });
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ warnings: [warning] }), operate: done },
		});
		host.ask.mockResolvedValue({ until: "900", reason: "why" });
		await button(wrapper.find(".jc-warning"), "Pause").trigger("click");
		await settle();
		expect(host.post.mock.calls[0][1].target).toBe("shop.example.com:shop.sync");
	});

	it("stands beside what such warnings mean", async () => {
		const about = { code: "no_workers", title: "", true: "No *worker*.", known: "By `x`." };
		const { wrapper, host } = await open({
			answers: {
				snapshot: wireSnapshot({ warnings: [wireWarning({ code: "no_workers" })] }),
				about_warning: { ...about, do: "- Start one.\n- Move them." },
			},
		});
		await button(wrapper.find(".jc-warning"), "Why?").trigger("click");
		await settle();
		expect(host.call).toHaveBeenCalledWith("about_warning", { code: "no_workers" });
		const manual = wrapper.find(".jc-manual");
		expect(manual.findAll("h4").map((head) => head.text())).toEqual([
			"What is true",
			"How it is known",
			"What to do",
		]);
		expect(manual.findAll("li").map((item) => item.text())).toEqual([
			"Start one.",
			"Move them.",
		]);
		expect(manual.find("code").text()).toBe("x");
	});
});
