import { mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import FleetApp from "@/web/FleetApp.vue";
import { provideHost } from "@/host/host.js";
import { fleetSentence, matching } from "@/domain/fleet.js";
import { createWebHost, translate } from "@/host/web.js";
import { toFleet } from "@/services/wire/fleet.js";
import { NOW, press } from "../support/opened.js";
import { fakeHost, settle } from "../support/page.js";

const wireRow = (name, row = {}) => ({
	name,
	labels: {},
	may: "operate",
	server: "127.0.0.1:6379/0",
	looked_at: "2026-11-23T16:44:58Z",
	took_s: 0.01,
	unreachable: null,
	verdict: "ok",
	telling: true,
	reasons: [],
	silenced: 0,
	warnings: { critical: 0, warning: 0, info: 0 },
	worst: null,
	waiting: 0,
	running: 0,
	failed: 0,
	oldest: null,
	workers: { busy: 1, idle: 1 },
	scheduler: null,
	suspended: false,
	paused: [],
	...row,
});
const worst = {
	id: "x",
	code: "killed",
	severity: "critical",
	message: "It was killed.",
	since: null,
};
const critical = {
	verdict: "critical",
	worst,
	warnings: { critical: 2, warning: 1, info: 0 },
	waiting: 12,
	oldest: { lane: "short", wait_s: 240, at_least: true },
	scheduler: { sites: 2, down: 1, ticked_at: null },
};
const dead = {
	verdict: null,
	unreachable: {
		message: "Redis cannot be reached.",
		since: "2026-11-23T16:42:00Z",
		every_s: 8,
	},
};
const fleetOf = (...benches) => ({ at: NOW.toISOString(), benches });

describe("the overview", () => {
	let wrapper;
	let host;

	async function open(options) {
		host = fakeHost(options);
		wrapper = mount(FleetApp, {
			attachTo: document.body,
			global: { plugins: [(app) => provideHost(host, app)] },
		});
		await settle();
	}
	const names = () => wrapper.findAll(".jc-bench-name a").map((link) => link.text());

	beforeEach(() => {
		vi.useFakeTimers({ toFake: ["Date", "setTimeout", "setInterval", "clearTimeout"] });
		vi.setSystemTime(NOW);
		Element.prototype.getClientRects = () => [{}];
	});
	afterEach(() => {
		wrapper.unmount();
		vi.useRealTimers();
	});

	it("has the worst first, and says of each what is wrong, since when and how much waits", async () => {
		const fleet = fleetOf(
			wireRow("acme"),
			wireRow("globex", critical),
			wireRow("initech", dead),
		);
		await open({ answers: { fleet } });
		expect(names()).toEqual(["initech", "globex", "acme"]);
		expect(wrapper.find("h2").text()).toBe("2 of 3 benches need you.");
		const [first, second] = wrapper.findAll(".jc-bench").map((row) => row.text());
		expect(first).toContain("Redis cannot be reached.");
		expect(first).toContain("Broken for 3 min");
		expect(second).toContain("It was killed.");
		expect(second).toContain("2 more");
		expect(second).toContain("oldest at least 4 min, in short");
		expect(second).toContain("1 of 2 off");
		expect(wrapper.find(".jc-bench-name a").attributes("href")).toContain("b/initech/");
		expect(host.showInTab).toHaveBeenLastCalledWith(2, "red");
	});

	it("changes no places while somebody has the rows in hand", async () => {
		const answers = { fleet: fleetOf(wireRow("acme"), wireRow("globex")) };
		await open({ answers: { fleet: () => answers.fleet } });
		await wrapper.find(".jc-card").trigger("pointerenter");
		answers.fleet = fleetOf(wireRow("acme"), wireRow("globex", critical));
		await vi.advanceTimersByTimeAsync(2000);
		expect(names()).toEqual(["acme", "globex"]);
		expect(wrapper.text()).toContain("It was killed.");
		await wrapper.find(".jc-card").trigger("pointerleave");
		await settle();
		expect(names()).toEqual(["globex", "acme"]);
	});

	it("finds a job on all benches, and says which were not asked", async () => {
		const found = {
			job_id: "a||1",
			found: [
				{ bench: "globex", job: { id: "a||1", label: "shop.sync", status: "queued" } },
			],
			asked: 1,
			missing: [{ bench: "initech", why: "Redis cannot be reached." }],
		};
		const call = { fleet: fleetOf(wireRow("globex")), find_job: found };
		await open({ answers: call });
		await press("/");
		expect(document.activeElement.dataset.jcSearch).toBe("");
		await wrapper.find("[data-jc-search]").setValue(" a||1 ");
		await wrapper.find("form").trigger("submit");
		await settle();
		expect(host.call).toHaveBeenCalledWith("find_job", { job_id: "a||1" });
		const link = wrapper.find(".jc-found a");
		expect(link.attributes("href")).toContain("b/globex/?job=a%7C%7C1");
		expect(wrapper.text()).toContain("Not asked: initech. Redis cannot be reached.");
	});

	it("leads from what fails everywhere to the group of each bench", async () => {
		const group = {
			group: "k1",
			method: "shop.sync",
			type: "builtins.ValueError",
			frame: null,
			message: "no",
			count: 3,
			first_at: null,
			last_at: "2026-11-23T16:44:00Z",
			benches: [
				{ bench: "globex", count: 2, last_at: null },
				{ bench: "acme", count: 1, last_at: null },
			],
		};
		const failures = {
			failed: 3,
			total: 1,
			groups: [group],
			at_least: false,
			asked: 2,
			missing: [],
		};
		await open({
			answers: { fleet: fleetOf(wireRow("acme")), fleet_failures: failures },
			start: { path: ["failures"], query: {} },
		});
		expect(wrapper.find(".jc-fleet-failure").text()).toContain("3 ×");
		const links = wrapper
			.findAll(".jc-fleet-failure a")
			.map((each) => each.attributes("href"));
		expect(links[0]).toContain("b/globex/failures?group=k1");
		expect(links).toHaveLength(2);
	});

	it("asks for failures as often as its reader says", async () => {
		localStorage.setItem("job-console:refresh:", "paused");
		const none = { failed: 0, total: 0, groups: [], at_least: false, asked: 1, missing: [] };
		await open({
			answers: { fleet: fleetOf(wireRow("acme")), fleet_failures: none },
			start: { path: ["failures"], query: {} },
		});
		const asked = () =>
			host.call.mock.calls.filter(([name]) => name === "fleet_failures").length;
		await vi.advanceTimersByTimeAsync(600_000);
		const before = asked();
		await vi.advanceTimersByTimeAsync(600_000);
		expect(asked()).toBe(before);
		await wrapper.find(".jc-look-now").trigger("click");
		await settle();
		expect(asked()).toBe(before + 1);
		localStorage.clear();
	});
});

describe("what is said of many benches", () => {
	const rows = (...wire) => toFleet(fleetOf(...wire)).benches;

	it("is all well only where that is known", () => {
		expect(fleetSentence(translate, rows(wireRow("a")))).toBe("All benches are well.");
		const unknown = wireRow("b", { verdict: "warning", telling: false });
		expect(fleetSentence(translate, rows(wireRow("a"), unknown))).toBe(
			"No evidence that all is well: 1 of 2 benches.",
		);
		expect(fleetSentence(translate, [])).toContain("no bench here");
	});

	it("is filtered by name, label, server and need", () => {
		const all = rows(
			wireRow("acme", { labels: { region: "eu" } }),
			wireRow("globex", critical),
		);
		expect(matching(all, { text: "EU" }).map((each) => each.name)).toEqual(["acme"]);
		expect(matching(all, { state: "asking" }).map((each) => each.name)).toEqual(["globex"]);
		expect(matching(all, { text: "eu", state: "asking" })).toEqual([]);
	});
});

describe("the page of one bench", () => {
	it("has the bench's name in every question", async () => {
		const overlay = { notify: vi.fn(), ask: vi.fn(async () => ({})) };
		const host = createWebHost({ overlay, base: "/b/acme/", bench: "acme" });
		await host.confirm({ title: "Stop", yes: "Stop" });
		await host.ask({ title: "Why?", yes: "Go", fields: [] });
		expect(overlay.ask.mock.calls.map(([question]) => question.bench)).toEqual([
			"acme",
			"acme",
		]);
	});
});
