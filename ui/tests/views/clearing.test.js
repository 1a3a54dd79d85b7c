import { describe, expect, it } from "vitest";
import { pageOpener } from "../support/opened.js";
import { button, settle } from "../support/page.js";
import { wireDetail, wireJob, wireLane, wireSnapshot } from "../support/wire.js";

const open = pageOpener();
const busy = wireLane({ counts: { queued: 7 }, oldest_wait_s: 3 });
const done = {
	id: "b1",
	action: "cancel",
	q: "queue:short status:queued",
	by: "mia",
	state: "done",
	started_at: "2026-11-23T16:40:00Z",
	matched: 7,
	tried: 7,
	kinds: [{ ok: true, state: "canceled", reason: "", count: 7 }],
	undo: "retry",
	undoable: 7,
};
const asked = (host) => host.ask.mock.lastCall[0];

describe("what waits is cleared", () => {
	it("of a lane, whose jobs can be brought back at once", async () => {
		const snapshot = wireSnapshot({ queues: [busy], site: "shop.example.com" });
		const { wrapper, host } = await open({ answers: { snapshot, start_bulk: done } });
		await button(wrapper.find(".jc-lane"), "Clear").trigger("click");
		await settle();
		expect(asked(host).title).toBe("Clear short: all that waits");
		expect(asked(host).message).toContain("Only jobs of shop.example.com are meant.");
		expect(host.post).toHaveBeenCalledWith("start_bulk", {
			action: "cancel",
			q: "queue:short status:queued",
			reason: "because",
		});
		const panel = wrapper.find(".jc-bulk-progress");
		expect(panel.text()).toContain("7 of 7");
		expect(button(panel, "Undo: 7 go back").exists()).toBe(true);
	});

	it("of a method, and of no other whose name begins like it", async () => {
		const snapshot = wireSnapshot({ queues: [busy] });
		const { wrapper, host } = await open({
			start: { path: [], query: { job: "shop.example.com||abc" } },
			answers: { snapshot, show: wireDetail(), explain: {}, start_bulk: done },
		});
		host.ask.mockResolvedValue({ action: "delete", reason: "" });
		await button(wrapper.find(".jc-drawer"), "Cancel all of its method").trigger("click");
		await settle();
		expect(asked(host).message).toContain("Jobs of all sites are meant.");
		expect(host.post).toHaveBeenCalledWith("start_bulk", {
			action: "delete",
			q: "method:=shop.integrations.sync_stock status:queued",
		});
	});

	it("not where nothing waits, nor by who only looks", async () => {
		const lanes = [wireLane(), { ...busy, name: "bench:long", label: "long" }];
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: lanes, read_only: true }) },
		});
		expect(button(wrapper, "Clear")).toBe(undefined);
	});

	it("and can be undone for as long as the server says, in Audit", async () => {
		const entry = { at: "2026-11-23T16:40:00Z", by: "mia", action: "cancel", ok: true };
		const { wrapper, host } = await open({
			start: { path: ["audit"], query: {} },
			answers: {
				audit: { total: 1, entries: [entry] },
				bulks: { bulks: [done, { ...done, id: "b2", undo: null, undoable: 0 }] },
				undo_bulk: { ...done, id: "b3", action: "retry", undo: null, undoes: "b1" },
			},
		});
		await settle();
		const offered = wrapper.findAll(".jc-undoable");
		expect(offered.map((each) => each.text())).toHaveLength(1);
		await button(offered[0], "Undo, 7 jobs").trigger("click");
		await settle();
		expect(host.post).toHaveBeenCalledWith("undo_bulk", { bulk: "b1" });
	});
});

describe("a failed job", () => {
	it("leads to all that failed like it", async () => {
		const error = { type: "ValueError", message: "no", traceback: null };
		const job = wireDetail({ ...wireJob({ status: "failed", error }), failure_group: "5f0c" });
		const { wrapper } = await open({
			start: { path: [], query: { job: job.id } },
			answers: { show: job, explain: {} },
		});
		const link = wrapper
			.findAll("a")
			.find((each) => each.text() === "All failures with this cause");
		expect(link.attributes("href")).toBe("/failures?group=5f0c");
	});
});
