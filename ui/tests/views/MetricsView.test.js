import { describe, expect, it } from "vitest";
import { into, jobsThen } from "@/domain/charts.js";
import { label, lines } from "@/domain/marks.js";
import { pageOpener } from "../support/opened.js";
import { button, settle } from "../support/page.js";
import { wireMetrics } from "../support/wire_metrics.js";

const open = pageOpener();
const view = async (metrics_history, query = {}) => {
	const page = await open({ start: { path: ["history"], query }, answers: { metrics_history } });
	return { ...page, main: page.wrapper.find("main") };
};
const chart = (main, title) => main.find(`section[aria-label="${title}"]`);
const table = async (main, title) => {
	await button(chart(main, title), "Table").trigger("click");
	const rows = chart(main, title).findAll("tr");
	return rows.map((row) => row.findAll("th, td").map((cell) => cell.text()));
};

describe("metrics over time", () => {
	it("are asked for as the address says", async () => {
		const asked = { last: "7d", by: "queue", queue: "bench:short", method: "shop.sync" };
		const { host } = await view(wireMetrics(), asked);
		expect(host.call).toHaveBeenCalledWith("metrics_history", asked);
	});

	it("have their numbers in a table behind each chart, without empty times", async () => {
		const { main } = await view(wireMetrics());
		const [head, last, first] = await table(main, "Runs");
		expect(head).toEqual(["Time", "Ended well", "Failed"]);
		expect(last.slice(1)).toEqual(["90", "33"]);
		expect(first.slice(1)).toEqual(["400", "0"]);
		const times = await table(main, "Run time");
		expect(times[0]).toEqual(["Time", "Median", "90 %", "99 %"]);
		expect(times[1].slice(1)).toEqual(["2.4 s", "5.1 s", "95 s"]);
		expect((await table(main, "Longest wait"))[1].slice(1)).toEqual(["64 s"]);
		expect((await table(main, "Failures"))[0]).toEqual(["Time", "stock.sync"]);
		expect(chart(main, "Workers").find("[role=img]").attributes("aria-label")).toBe(
			"Workers. Busy: 2. Alive: 2",
		);
	});

	it("tell how many took how long, and what is not known", async () => {
		const { main } = await view(wireMetrics());
		const [head, last, first] = await table(main, "How long they ran");
		expect(head).toEqual(["Time", "up to 10 s"]);
		expect([last[1], first[1]]).toEqual(["90", "400"]);
		expect(chart(main, "How long they waited").text()).toContain("Nothing is known");
	});

	it("are compared with the range before", async () => {
		const before = wireMetrics({ total: { ...wireMetrics().total, runs: [5, 6, 7] } });
		const answer = ({ until }) => (until ? before : wireMetrics());
		const { main, host } = await view(answer, { compare: "before" });
		expect((await table(main, "Runs"))[0]).toEqual(["Time", "Ended well", "Failed", "Before"]);
		expect(host.call).toHaveBeenCalledWith("metrics_history", {
			last: "24h",
			by: "method",
			until: "2026-11-23T13:30:00.000Z",
		});
	});

	it("lead from a point to what happened then, and into it", async () => {
		const { main } = await view(wireMetrics(), { queue: "bench:short" });
		await table(main, "Runs");
		await chart(main, "Runs").find("tbody button").trigger("click");
		await settle();
		const point = main.find(".jc-point");
		expect(point.text()).toMatch(/Failed\s*31/);
		const links = Object.fromEntries(
			point.findAll("a").map((a) => [a.text(), decodeURIComponent(a.attributes("href"))]),
		);
		expect(links["Jobs that failed then"]).toMatch(
			/\/jobs\?q=status:failed\+ended:<=2700s\+queue:"bench:short"/,
		);
		expect(links["Failures"]).toBe("/failures?queue=bench:short");
		expect(links["Incidents"]).toBe("/incidents?");
		expect(links["Look into it"]).toMatch(/last=1h&queue=bench:short&until=2026-11-23T16/);
	});

	it("rank what cost most, each a way to its own", async () => {
		const { main } = await view(wireMetrics());
		const costs = main.find("section[aria-label='What kept workers busy']");
		expect(costs.find("tbody tr").text()).toMatch(
			/stock\.sync\s*16 min\s*89 %\s*393\s*33\s*2 s/,
		);
		expect(costs.find("a").attributes("href")).toContain("method=shop.stock.sync");
		expect(costs.text()).toContain("Others");
		expect(costs.text()).toMatch(/NoStock\s*31 ×/);
	});

	it("say when nothing is known, and what went wrong", async () => {
		const none = { key: "", runs: [0], failed: [0], timed_out: [0], worker_s: [0] };
		const nothing = { p50: [null], p90: [null], p99: [null] };
		const { main } = await view(
			wireMetrics({
				points: 1,
				total: none,
				run_s: nothing,
				wait_s: nothing,
				lines: [],
				ranked: [],
				failures: [],
				queues: [],
				workers: { busy: [null], alive: [null] },
			}),
		);
		expect(chart(main, "Run time").text()).toContain("Nothing is known of this time.");
	});

	it("that cannot be had say why", async () => {
		const { main } = await view(() => Promise.reject(new Error("Redis does not answer.")));
		expect(main.text()).toContain("Redis does not answer.");
	});
});

const mark = (minute, text, more = {}) => ({
	at: `2026-11-23T15:${minute}:00.000000Z`,
	since: null,
	kind: "suspended",
	site: null,
	text,
	...more,
});

describe("what was changed", () => {
	it("is a list below the charts, the last first, with how far it is known when", async () => {
		const marks = [
			mark("10", "the bench was suspended"),
			mark("40", "shop 1.4.2 installed", {
				site: "a.localhost",
				since: "2026-11-23T14:50:00.000000Z",
			}),
		];
		const { main } = await view(wireMetrics({ marks }));
		const list = main.find("section[aria-label='What was changed']");
		const rows = list.findAll("tbody tr").map((row) => row.text());
		expect(rows[0]).toMatch(/^between .+ and .+shop 1\.4\.2 installed\s*a\.localhost$/);
		expect(rows[1]).toContain("the bench was suspended");
		expect(button(list, "Show all 2")).toBeUndefined();
	});

	it("is cut to the newest, until all of it is asked for", async () => {
		const marks = Array.from({ length: 12 }, (_, at) => mark(String(10 + at), `change ${at}`));
		const { main } = await view(wireMetrics({ marks, marks_left_out: 3 }));
		const list = main.find("section[aria-label='What was changed']");
		expect(list.findAll("tbody tr")).toHaveLength(8);
		await button(list, "Show all 12").trigger("click");
		expect(list.findAll("tbody tr")).toHaveLength(12);
		expect(list.text()).toContain("3 more are not shown.");
	});

	it("is no list where nothing was", async () => {
		const { main } = await view(wireMetrics());
		expect(main.find("section[aria-label='What was changed']").exists()).toBe(false);
	});

	it("is one line of a chart where it lies close together", () => {
		const at = (seconds) => ({ at: seconds, since: null, text: `at ${seconds}` });
		const found = lines([at(0), at(10), at(24), at(25), at(900)], 0, 1000);
		expect(found.map((line) => line.marks.length)).toEqual([3, 1, 1]);
		const many = Array.from({ length: 1000 }, (_, second) => at(second));
		expect(lines(many, 0, 1000)).toHaveLength(40);
		const words = (text, [value]) => text.replace("{0}", value);
		expect(label(words, found[0])).toMatch(/: at 0 · at 10 · 1 more$/);
	});
});

describe("the ways out of a point", () => {
	it("name the time as the query language does", () => {
		expect(jobsThen(1000, 60, 1600, { method: "a.b" })).toBe(
			"ended:<=600s ended:>=540s method:a.b",
		);
	});

	it("lead into minutes as long as they are kept", () => {
		const now = 1_795_000_000;
		expect(into(now - 7200, 3600, now).last).toBe("1h");
		expect(into(now - 30 * 3600, 3600, now)).toBe(null);
		expect(into(now - 30 * 3600, 6 * 3600, now).last).toBe("24h");
		expect(into(now - 600, 60, now)).toBe(null);
	});
});

describe("what if", () => {
	const waits = (p90) => ({ p50: 0.1, p90, p99: 60 });
	const answer = {
		days_known: 27,
		days_played: 57,
		workers: {
			now: [{ queues: ["short", "default"], count: 2 }],
			then: [{ queues: ["short"], count: 3 }],
		},
		busy: { now: 0.62, then: null },
		queues: [
			{
				name: "b:short",
				label: "short",
				known: 900,
				telling: true,
				now_s: waits(9),
				then_s: waits(5),
			},
		],
		keep: { text: "Too few.", options: [{ workers: "short:+1", text: "1 more." }] },
		notes: ["A note."],
		assumed: ["Empty queues."],
		methods: ["shop.sync"],
		schedules: [{ name: "nightly", cron: "0 2 * * *" }],
	};
	const opened = async (what_if) => {
		const page = await open({
			start: { path: ["history"], query: {} },
			answers: { metrics_history: wireMetrics(), what_if },
		});
		const panel = () => page.wrapper.find('section[aria-label="What if"]');
		const click = async (text) => {
			await button(panel(), text).trigger("click");
			await settle();
		};
		return { ...page, panel, click };
	};

	it("is asked by a click, and what is chosen is played", async () => {
		const { host, panel, click } = await opened(answer);
		expect(host.call).not.toHaveBeenCalledWith("what_if", expect.anything());
		await click("Play the recorded days with other workers, queues or schedules");
		expect(host.call).toHaveBeenCalledWith("what_if", {});
		const cells = panel()
			.findAll("tbody td, tbody th")
			.map((cell) => cell.text());
		expect(cells).toEqual(["short", "900", "100 ms", "100 ms", "9 s", "5 s", "60 s", "60 s"]);
		expect(panel().text()).toContain("Workers now: 2 × short + default (busy 62 %)");
		expect(panel().text()).toContain("Workers then: 3 × short");
		await panel().find("input").setValue("long:-1");
		const [method, , keep] = panel().findAll("select");
		await method.setValue("shop.sync");
		await panel().findAll("select")[1].setValue("short");
		await keep.setValue("short");
		await panel().find("form").trigger("submit");
		await settle();
		const asked = { workers: "long:-1", move: "shop.sync=short" };
		expect(host.call).toHaveBeenLastCalledWith("what_if", expect.objectContaining(asked));
		await click("Play this");
		expect(host.call).toHaveBeenLastCalledWith(
			"what_if",
			expect.objectContaining({ workers: "long:-1; short:+1" }),
		);
	});

	it("says what was wrong with the question", async () => {
		const { panel, click } = await opened(() =>
			Promise.reject(new Error("There is no queue other.")),
		);
		await click("Play the recorded days with other workers, queues or schedules");
		expect(panel().find("[role=alert]").text()).toBe("There is no queue other.");
		expect(panel().find("form").exists()).toBe(true);
	});
});
