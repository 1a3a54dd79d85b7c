import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toLane } from "@/services/wire.js";
import { button, mountPage, settle } from "./support/page.js";
import {
	wireChunks,
	wireDetail,
	wireJob,
	wireLane,
	wireProgress,
	wireSnapshot,
	wireWarning,
} from "./support/wire.js";

let page;
const NOW = new Date("2026-11-23T16:45:00Z");

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["Date", "setTimeout", "setInterval", "clearTimeout"] });
	vi.setSystemTime(NOW);
	Element.prototype.getClientRects = () => [{}];
	document.body.focus();
});
afterEach(() => {
	page.wrapper.unmount();
	vi.useRealTimers();
});

async function open(options) {
	page = await mountPage(options);
	return page;
}

function press(key, target = document.body) {
	target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
	return settle();
}

const busy = wireLane({
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

describe("lanes", () => {
	it("say what waits, what runs, what is next and what failed", async () => {
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busy] }) },
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
		const lane = { ...busy, failures: [], failures_elsewhere: 5 };
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [lane] }) },
		});
		expect(wrapper.find(".jc-lane").text()).toContain("5 failed on other sites");
	});

	it("do not take other sites' jobs for their own", async () => {
		const site = "shop.example.com";
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ site, queues: [busy] }) },
		});
		expect(wrapper.find(".jc-lane").text()).toContain("+9 more waiting, all sites");
	});

	it("tick without asking the server", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busy] }) },
		});
		await vi.advanceTimersByTimeAsync(2000);
		expect(wrapper.find(".jc-lane").text()).toContain("62 s of 5 min");
		expect(host.call).toHaveBeenCalledTimes(1);
	});

	it("keep their rows in the DOM from one look to the next", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: () => wireSnapshot({ queues: [busy] }) },
		});
		const row = wrapper.find("[data-jc-row=run]").element;
		host.emit("changed");
		await vi.advanceTimersByTimeAsync(1500);
		expect(host.call).toHaveBeenCalledTimes(2);
		expect(wrapper.find("[data-jc-row=run]").element).toBe(row);
	});

	it("say how long they take, and what is usual, where that is known", async () => {
		const running = [{ ...busy.running[0], usual_s: 180 }];
		const { wrapper } = await open({
			answers: { snapshot: wireSnapshot({ queues: [{ ...busy, running, drain_s: 75 }] }) },
		});
		const text = wrapper.find(".jc-lane").text();
		expect(text).toContain("about 75 s to drain");
		expect(text).toContain("60 s of 5 min, usually 3 min");
	});

	it("show how far a job has come, and look more often while it moves", async () => {
		let done = 41230;
		const job = () => ({
			...busy.running[0],
			actions: ["pause", "stop"],
			progress: wireProgress({ done, fraction: done / 80000, at: new Date().toISOString() }),
		});
		const { wrapper, host } = await open({
			answers: {
				snapshot: () => wireSnapshot({ queues: [{ ...busy, running: [job()] }] }),
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

	it("that have no worker say so", async () => {
		const lane = { ...busy, workers: { busy: 0, idle: 0 }, running: [] };
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

describe("warnings", () => {
	const snapshot = wireSnapshot({
		health: { verdict: "critical", reasons: [] },
		warnings: [wireWarning()],
	});

	it("say what is wrong, and why on demand", async () => {
		const { wrapper } = await open({ answers: { snapshot } });
		expect(wrapper.find("h2").text()).toBe("1 thing needs you.");
		const warning = wrapper.find(".jc-warning");
		expect(warning.text()).toContain("Critical:");
		expect(warning.text()).toContain("Email pull has not run for 17 h.");
		expect(warning.find(".jc-evidence").exists()).toBe(false);
		await button(warning, "Why?").trigger("click");
		expect(warning.find(".jc-evidence").text()).toContain("last heartbeat");
		expect(warning.find(".jc-evidence").text()).toContain("It waits again.");
	});

	it("offer their remedy, which is done with a reason and told to everybody", async () => {
		const { wrapper, host } = await open({ answers: { snapshot } });
		await button(wrapper, "Free it").trigger("click");
		await settle();
		expect(host.act.mock.calls[0][0]).toMatchObject({ action: "requeue", reason: "because" });
		expect(wrapper.find("[aria-live=polite].jc-sr").text()).toContain("put back");
	});

	it("are mended where that is safe, after a look at what it would do", async () => {
		const remedies = [{ action: "requeue", label: "Put it back", safe: true, explain: "" }];
		const step = {
			code: "ghost_started",
			job_id: "shop.example.com||abc",
			queue: "bench:short",
			action: "requeue",
			label: "Put it back",
			ok: true,
			reason: "It runs for the first time.",
		};
		const gone = { ...step, code: "in_limbo", job_id: "x", ok: false, reason: "It runs." };
		const mend = ({ dry_run }) =>
			dry_run
				? { results: [step], left: [wireWarning({ job_id: "b" })] }
				: { results: [{ ...step, reason: "" }, gone], left: [] };
		let warnings = [wireWarning({ remedies }), wireWarning({ job_id: "b" })];
		const { wrapper, host } = await open({
			answers: { snapshot: () => wireSnapshot({ warnings }), mend },
		});
		await button(wrapper, "Mend what is safe (1)").trigger("click");
		await settle();
		const dialog = wrapper.find("dialog.jc-mend");
		expect(host.post.mock.calls).toEqual([["mend", { dry_run: true }]]);
		expect(dialog.text()).toContain("Email pull has not run for 17 h.");
		expect(dialog.text()).toContain("Put it back. It runs for the first time.");
		expect(dialog.text()).toContain("1 more warning needs somebody to decide.");
		warnings = [];
		await button(dialog, "Mend 1").trigger("click");
		await vi.advanceTimersByTimeAsync(1500);
		expect(wrapper.find(".jc-warning").exists()).toBe(false);
		expect(host.post.mock.lastCall).toEqual(["mend", { dry_run: false }]);
		expect(dialog.text()).toContain("1 of 2 mended.");
		expect(dialog.text()).toContain("Put it back. It runs.");
	});

	it("that fail to be mended say why", async () => {
		const remedies = [{ action: "requeue", label: "Put it back", safe: true, explain: "" }];
		const mend = () => {
			throw new Error("Redis is gone.");
		};
		const { wrapper } = await open({
			answers: {
				snapshot: wireSnapshot({ warnings: [wireWarning({ remedies })] }),
				mend,
			},
		});
		await button(wrapper, "Mend what is safe").trigger("click");
		await settle();
		expect(wrapper.find("dialog.jc-mend").text()).toContain("Redis is gone.");
	});

	it("offer nothing to who may only read", async () => {
		const { wrapper } = await open({
			answers: { snapshot: { ...snapshot, read_only: true, queues: [busy] } },
		});
		expect(button(wrapper, "Free it")).toBeUndefined();
		expect(button(wrapper, "Stop")).toBeUndefined();
		expect(button(wrapper, "Why?")).toBeDefined();
	});
});

describe("a broken bench", () => {
	it("keeps the last snapshot, dimmed, with what is broken and since when", async () => {
		let down = false;
		const { wrapper } = await open({
			answers: {
				snapshot() {
					if (down) throw Object.assign(new Error("Redis is gone."), { type: "X" });
					return wireSnapshot({ queues: [busy] });
				},
			},
		});
		down = true;
		await vi.advanceTimersByTimeAsync(5000);
		const alert = wrapper.find("[role=alert]");
		expect(alert.text()).toContain("Redis is gone.");
		expect(wrapper.find(".jc-dimmed .jc-lane").exists()).toBe(true);
		down = false;
		await vi.advanceTimersByTimeAsync(2000);
		expect(wrapper.find("[role=alert]").exists()).toBe(false);
		expect(wrapper.find(".jc-dimmed").exists()).toBe(false);
	});
});

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
		const told = wireWarning({ message: "It is a ghost." });
		const other = wireWarning({ message: "It has waited for 17 h.", code: "starved" });
		const { wrapper, host } = await open({
			start,
			answers: { show: { ...show, warnings: [told, other] }, explain },
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
			answers: { snapshot: wireSnapshot({ queues: [busy] }), show, explain },
		});
		const row = wrapper.find("[data-jc-row=next]");
		await row.findAll("a").at(-1).trigger("click", { button: 0 });
		await settle();
		expect(host.call).toHaveBeenCalledWith("explain", { job_id: "next" });
		expect(wrapper.find(".jc-drawer .jc-why").exists()).toBe(true);
	});

	it("takes the focus, closes with Esc and gives the focus back", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busy] }), show },
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

	it("of a job that is gone says so", async () => {
		const gone = () => {
			throw new Error("There is no such job.");
		};
		const { wrapper } = await open({ start, answers: { show: gone } });
		expect(wrapper.find("[role=dialog]").text()).toContain("There is no such job.");
	});
});

describe("the keyboard", () => {
	it("walks the rows, opens one, and acts on it", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busy] }), show: wireDetail() },
		});
		await press("j");
		expect(document.activeElement.dataset.jcRow).toBe("run");
		await press("s", document.activeElement);
		expect(host.confirm).toHaveBeenCalled();
		expect(host.act.mock.calls[0][0]).toEqual({ action: "stop", job_ids: ["run"] });
		await press("j", document.activeElement);
		expect(document.activeElement.dataset.jcRow).toBe("next");
		await press("Enter", document.activeElement);
		expect(wrapper.find("[role=dialog]").exists()).toBe(true);
	});

	it("finds the search box, and leaves typing alone", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busy] }) },
		});
		await press("/");
		const input = wrapper.find("[data-jc-search]");
		expect(document.activeElement).toBe(input.element);
		await press("s", input.element);
		expect(host.act).not.toHaveBeenCalled();
	});
});

describe("the jobs view", () => {
	it("asks for what its address says, and acts on what is ticked", async () => {
		const failed = (id) =>
			wireJob({
				id,
				status: "failed",
				actions: ["retry"],
				error: { type: "E", message: "" },
			});
		const { wrapper, host } = await open({
			start: { path: ["jobs"], query: { status: "failed", page: "2" } },
			answers: { jobs: { total: 22, page: 2, size: 20, jobs: [failed("a"), failed("b")] } },
		});
		expect(host.call).toHaveBeenCalledWith("jobs", { status: "failed", page: 2, size: 20 });
		await wrapper.find(".jc-bulk-all input").trigger("change");
		await button(wrapper.find(".jc-bulk"), "Retry").trigger("click");
		await settle();
		expect(host.act.mock.calls[0][0].job_ids).toEqual(["a", "b"]);
	});

	it("searches slice by slice for what cannot be listed", async () => {
		const { wrapper, host } = await open({
			start: { path: ["jobs"], query: { text: "SINV" } },
			answers: {
				search: ({ cursor }) => ({
					jobs: [wireJob({ id: cursor || "first" })],
					cursor: cursor ? null : "2",
					scanned: cursor ? 100 : 50,
					of: 100,
				}),
			},
		});
		await settle();
		expect(host.call).toHaveBeenCalledWith("search", { text: "SINV" });
		expect(wrapper.findAll(".jc-job")).toHaveLength(2);
		expect(wrapper.text()).toContain("2 found, searched 100 of 100");
	});
});
