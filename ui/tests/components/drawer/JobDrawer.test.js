import { describe, expect, it } from "vitest";
import { pageOpener, press } from "../../support/opened.js";
import { button, settle } from "../../support/page.js";
import {
	busyLane,
	wireDetail,
	wireProgress,
	wireSnapshot,
	wireWarning,
} from "../../support/wire.js";

const open = pageOpener();

describe("the drawer", () => {
	const start = { path: [], query: { job: "next" } };
	const show = wireDetail({
		id: "next",
		error: { type: "ValueError", message: "no rate", traceback: "Traceback\nValueError" },
		status: "failed",
		actions: ["retry", "delete"],
		arguments: { name: "SINV-1", items: [1, 2] },
		dependencies: ["other"],
	});

	it("opens from an address with all there is to know", async () => {
		const { wrapper } = await open({ start, answers: { show } });
		const drawer = wrapper.find("[role=dialog]");
		expect(drawer.attributes("aria-modal")).toBe("true");
		for (const text of ["sync_stock", "no rate", "Traceback", "SINV-1", "other", "Retry"]) {
			expect(drawer.text()).toContain(text);
		}
		const links = drawer.findAll("a").map((link) => link.attributes("href"));
		expect(
			links.filter((href) => /^\/history\?method=\S*sync_stock$/.test(href)),
		).toHaveLength(1);
	});

	const ghost = {
		action: "requeue",
		label: "Put it back",
		safe: true,
		explain: "It runs for the first time.",
	};
	const explain = {
		because: ["It is a ghost.", "No worker serves short."],
		details: [
			{ text: "It is a ghost.", evidence: { in_lane: false }, remedies: [ghost] },
			{ text: "No worker serves short.", evidence: {}, remedies: [] },
		],
		position: null,
		expected_start_s: 840,
		remedies: [ghost],
	};

	it("says why, with the evidence and a remedy that acts in one click", async () => {
		const shown = wireWarning({ message: "It is a ghost." });
		const other = wireWarning({ message: "It has waited for 17 h.", code: "starved" });
		const { wrapper, host } = await open({
			start,
			answers: { show: { ...show, warnings: [shown, other] }, explain },
		});
		const why = wrapper.find(".jc-why");
		expect(why.findAll(".jc-cause-text").map((cause) => cause.text())).toEqual(
			explain.because,
		);
		expect(wrapper.findAll(".jc-drawer .jc-warning")).toHaveLength(1);
		await button(why, "Evidence").trigger("click");
		expect(why.find(".jc-cause-facts").text()).toBe("in laneno");
		const remedy = button(why, "Put it back");
		expect(remedy.attributes("title")).toBe("It runs for the first time.");
		await remedy.trigger("click");
		expect(host.ask).not.toHaveBeenCalled();
		expect(host.act.mock.calls[0][0]).toEqual({
			action: "requeue",
			job_ids: ["next"],
			queue: "bench:short",
		});
	});

	it("opens from a waiting row's Why?", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busyLane] }), show, explain },
		});
		const row = wrapper.find("[data-jc-row=next]");
		await row.findAll("a").at(-1).trigger("click", { button: 0 });
		await settle();
		expect(host.call).toHaveBeenCalledWith("explain", { job_id: "next" });
		expect(wrapper.find(".jc-drawer .jc-why").exists()).toBe(true);
	});

	it("takes the focus, closes with Esc and gives the focus back", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busyLane] }), show },
		});
		const link = wrapper.find("[data-jc-row=next] a");
		link.element.focus();
		await link.trigger("click", { button: 0 });
		await settle();
		expect(document.activeElement).toBe(wrapper.find("[role=dialog]").element);
		expect(host.route.set.mock.lastCall[0].query).toEqual({ job: "next" });
		await press("Escape", document.activeElement);
		expect(wrapper.find("[role=dialog]").exists()).toBe(false);
		expect(document.activeElement).toBe(link.element);
	});

	it("says of what is lost that nothing runs it, in all its parts", async () => {
		const runs = [
			{ attempt: 1, outcome: "retried", ended_at: "2026-11-23T16:30:00Z" },
			{ attempt: 2, outcome: "running", started_at: "2026-11-23T16:40:00Z" },
		];
		const lost = wireDetail({
			status: "started",
			started_at: "2026-11-23T16:40:00Z",
			lost: true,
			lost_reason: "It lost its worker.",
			actions: ["fail"],
			remedies: [{ action: "fail", label: "Mark as failed", explain: "", safe: true }],
			progress: wireProgress({ at: "2026-11-23T16:44:59Z" }),
			runs,
			runs_total: 2,
		});
		const { wrapper } = await open({ start, answers: { show: lost } });
		const text = wrapper.find("[role=dialog]").text();
		expect(text).toContain("Lost");
		expect(text).not.toMatch(/Running|left|a second|Expected end|goes on meanwhile/);
		expect(text).toContain("41,230 of 80,000");
	});

	it("says what of it is cut", async () => {
		const run = { outcome: "failed", ended_at: "2026-11-23T16:30:00Z" };
		const cut = {
			...show,
			error: { ...show.error, cut: "It is cut: these are 20,000 of its 90,000 characters." },
			runs: [run, run],
			runs_total: 9,
			dependents: ["later"],
			dependents_total: 120,
		};
		const { wrapper } = await open({ start, answers: { show: cut } });
		const text = wrapper.find("[role=dialog]").text();
		expect(text).toContain("these are 20,000 of its 90,000 characters");
		expect(text).toContain("Runs: the newest 2 of 9 that RQ keeps");
		expect(text).toContain("Others that wait for it: 1 of 120");
	});

	it("of a job that is gone says so", async () => {
		const gone = () => {
			throw new Error("There is no such job.");
		};
		const { wrapper } = await open({ start, answers: { show: gone } });
		expect(wrapper.find("[role=dialog]").text()).toContain("There is no such job.");
	});
});
