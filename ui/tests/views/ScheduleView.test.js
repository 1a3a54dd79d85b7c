import { afterEach, expect, it, vi } from "vitest";
import { setHabit } from "@/domain/habit.js";
import { button, mountPage, settle } from "../support/page.js";
import { wireSnapshot } from "../support/wire.js";
import {
	wireDay,
	wireEntry,
	wireOccasion,
	wirePreview,
	wireRun,
	wireSchedules,
} from "../support/wire_schedule.js";

let page;
afterEach(() => {
	page.wrapper.unmount();
	vi.useRealTimers();
});

const start = { path: ["schedule"], query: {} };
const row = (name) => page.wrapper.findAll(".jc-entry").find((each) => each.text().includes(name));
const of = (...entries) => ({ schedule: wireSchedules(entries) });
const done = { act: async () => ({ results: [{ job_id: "x", ok: true }] }) };

it("says in words when each runs, how the last runs ended, and what is due first", async () => {
	const runs = [wireRun(1), wireRun(2, "failed"), wireRun(3)];
	const late = wireEntry("aging", { runs, succeeded: 2 });
	const soon = wireEntry("pull", {
		next: [wireOccasion("2026-11-23T17:00:00Z", "2026-11-23T18:00")],
	});
	page = await mountPage({ answers: of(late, soon), start });
	const names = page.wrapper.findAll(".jc-entry-name").map((name) => name.text());
	expect(names.map((name) => name.split("long")[0].trim())).toEqual([
		"shop.tasks.pull",
		"shop.tasks.aging",
	]);
	for (const words of ["every day at 02:00", "0 2 * * *", "usually 42 s", "On", "2/3"])
		expect(row("aging").text()).toContain(words);
	const strip = row("aging").find("[role=img]");
	expect(strip.attributes("aria-label")).toBe("2 of the last 3 runs ended well");
	expect(strip.findAll(".jc-run-red").length).toBe(1);
	expect(row("pull").text()).toContain("no run seen yet");
});

it("says why nothing runs, what never comes, and what comes more rarely than it is due", async () => {
	const never = wireEntry("leap", { problem: "There is no 30 February.", next: [] });
	const often = wireEntry("pull", { pace: { due_a_day: 720, runs_a_day: 360, tick_s: 240 } });
	const off = { running: false, reason: "Maintenance mode is on." };
	page = await mountPage({ answers: { schedule: wireSchedules([never, often], off) }, start });
	expect(page.wrapper.find(".jc-schedule-off").text()).toContain("Maintenance mode is on.");
	expect(row("leap").text()).toContain("Never runs");
	expect(row("leap").text()).toContain("There is no 30 February.");
	expect(row("pull").text()).toContain("due 720 times a day, enqueued 360 times");
	expect(row("pull").text()).toContain("Off");
});

it("names the zone that schedules are written in, where the reader has another clock", async () => {
	const schedule = wireSchedules([wireEntry("aging")]);
	const answers = { schedule };
	page = await mountPage({ answers, start });
	expect(page.wrapper.find(".jc-schedule-zone").text()).toContain("site: Europe/Berlin.");
	page.wrapper.unmount();
	setHabit({ zone: "Europe/Berlin" });
	page = await mountPage({ answers, start });
	setHabit({});
	expect(page.wrapper.find(".jc-schedule-zone").exists()).toBe(false);
});

it("does not promise a next run when no process of the scheduler is there", async () => {
	const gone = { process: false, host: "web-1" };
	page = await mountPage({
		answers: { schedule: wireSchedules([wireEntry("aging")], gone) },
		start,
	});
	expect(page.wrapper.find(".jc-schedule-off").text()).toContain(
		"no scheduler process runs on web-1",
	);
	expect(row("aging").text()).toContain("Off");
	expect(row("aging").text()).not.toContain("next in");
});

it("does not call running, or waiting, what nothing runs", async () => {
	const lost = wireEntry("pull", { job_status: "started", job_lost: true });
	const runs = wireEntry("aging", { job_status: "started" });
	page = await mountPage({ answers: of(lost, runs), start });
	expect(row("pull").text()).toContain("Lost");
	expect(row("pull").text()).toContain("its job is lost");
	expect(row("pull").text()).toContain("blocked by its lost job");
	expect(row("pull").text()).not.toMatch(/Running|next in/);
	expect(row("aging").text()).toContain("Running");
});

it("runs, pauses and resumes one, tells what happened, and looks again", async () => {
	const paused = wireEntry("aging", { stopped: true });
	page = await mountPage({ answers: of(paused), start, ...done });
	await button(row("aging"), "Resume").trigger("click");
	await settle();
	expect(page.host.act).toHaveBeenCalledWith({
		action: "resume_schedule",
		job_ids: ["shop.example.com||scheduled_job||tasks.aging"],
	});
	expect(page.host.notify).toHaveBeenCalledWith("The schedule is resumed.", "green");
	const looks = page.host.call.mock.calls.filter(([name]) => name === "schedule");
	expect(looks.length).toBe(2);
});

it("says why one was not run", async () => {
	const refusal = { job_id: "x", ok: false, reason: "A run of it waits or runs already." };
	const act = async () => ({ results: [refusal] });
	page = await mountPage({ answers: of(wireEntry("aging")), start, act });
	await button(row("aging"), "Run now").trigger("click");
	await settle();
	expect(page.host.notify).toHaveBeenCalledWith("A run of it waits or runs already.", "orange");
});

it("is for reading where the site's documents are out of reach, and where all is read-only", async () => {
	page = await mountPage({ answers: of(wireEntry("aging")), start, hooks: { records: false } });
	const [copy, ...others] = row("aging").findAll("button");
	expect(others).toEqual([]);
	await copy.trigger("click");
	expect(page.host.copy).toHaveBeenCalledWith(
		`bench --site shop.example.com execute job_console.api.act --kwargs '{"action":"run_schedule","job_ids":["shop.example.com||scheduled_job||tasks.aging"]}'`,
	);
	page.wrapper.unmount();
	const answers = { ...of(wireEntry("aging")), snapshot: wireSnapshot({ read_only: true }) };
	page = await mountPage({ answers, start });
	expect(row("aging").findAll("button").length).toBe(0);
});

it("previews an expression as it is typed, and saves only what is sound", async () => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	const mistake = { message: "The hour goes from 0 to 23, not 24.", start: 2, end: 4 };
	const next = [wireOccasion("2026-11-24T02:00:00Z", "2026-11-24T03:00")];
	const schedule_preview = ({ cron }) =>
		cron.includes("24") ? wirePreview(cron, { mistake }) : wirePreview(cron, { next });
	const move_schedules = { results: [{ job_id: "x", ok: true }] };
	const answers = { ...of(wireEntry("aging")), schedule_preview, move_schedules };
	page = await mountPage({ answers, start });
	await button(row("aging"), "Change time").trigger("click");
	await settle();
	const save = button(row("aging"), "Save");
	expect(save.element.disabled).toBe(true);

	const type = async (cron) => {
		await row("aging").find("input").setValue(cron);
		vi.advanceTimersByTime(300);
		await settle();
	};
	await type("0 24 * * *");
	expect(row("aging").find("mark").text()).toBe("24");
	expect(row("aging").text()).toContain("The hour goes from 0 to 23, not 24.");
	expect(save.element.disabled).toBe(true);

	await type("0 3 * * *");
	expect(row("aging").text()).toContain("words of 0 3 * * *");
	expect(row("aging").findAll(".jc-cron-next li").length).toBe(1);
	await row("aging").find("form").trigger("submit");
	await settle();
	expect(page.host.post).toHaveBeenCalledWith("move_schedules", {
		moves: [{ record: "tasks.aging", cron: "0 3 * * *" }],
	});
	expect(row("aging").find("form").exists()).toBe(false);
});

it("filters by method and by words", async () => {
	const other = wireEntry("pull", { words: "every 4 minutes", cron: "*/4 * * * *" });
	const query = { text: "4 minutes" };
	const answers = of(wireEntry("aging"), other);
	page = await mountPage({ answers, start: { path: ["schedule"], query } });
	expect(page.wrapper.findAll(".jc-entry").length).toBe(1);
	expect(row("pull")).toBeTruthy();
});

const day = { path: ["schedule"], query: { day: "1" } };
const RUSH = {
	lane: "bench:long",
	at: "2026-11-24T01:00:00Z",
	last_start: "2026-11-24T02:00:00Z",
	entries: [0],
	elsewhere: 1,
	text: "02:00: 2 jobs need 240 worker-minutes on 1 worker; the last starts at 03:00.",
};

it("does not call a day empty whose work nobody serves", async () => {
	const lanes = [{ name: "bench:long", label: "long", unserved: 25, workers: [] }];
	const schedule_day = wireDay({ lanes, runs: 0 });
	page = await mountPage({ answers: { ...of(wireEntry("aging")), schedule_day }, start: day });
	const text = page.wrapper.text();
	expect(text).toContain("No worker serves it: 25 runs will wait.");
	expect(text).not.toContain("Nobody waits");
	expect(text).not.toContain("Nothing is going to run");
});

it("draws the next day and says where it gets tight, without naming other sites' work", async () => {
	const schedule_day = wireDay({ rushes: [RUSH], unknown: 3 });
	page = await mountPage({ answers: { ...of(wireEntry("aging")), schedule_day }, start: day });
	const rush = page.wrapper.find(".jc-rush").text();
	expect(rush).toContain("02:00: 2 jobs need 240 worker-minutes on 1 worker");
	expect(rush).toContain("aging, 1 of other sites");
	const bars = page.wrapper.findAll(".jc-day-bars i");
	expect(bars.map((bar) => bar.attributes("style"))).toEqual([
		"inset-inline-start: 33.333%; width: 4.167%;",
		"inset-inline-start: 37.5%; width: 12.5%;",
	]);
	expect(bars[1].classes()).toContain("jc-day-late");
	expect(bars[1].attributes("title")).toContain("another site's");
	expect(page.wrapper.text()).toContain("3 have not run yet");
});

it("proposes quieter minutes, shows the difference, and moves only when told to", async () => {
	const move = { record: "tasks.aging", method: "shop.tasks.aging", before: "0 2 * * *" };
	const quieter = {
		moves: [
			{ ...move, after: "20 2 * * *", words_before: "at 02:00", words_after: "at 02:20" },
		],
		text: "Together they would wait 0 s instead of 60 min a day.",
	};
	const answers = {
		...of(wireEntry("aging")),
		schedule_day: wireDay({ rushes: [RUSH] }),
		schedule_quieter: quieter,
		move_schedules: { results: [{ job_id: "x", ok: true }] },
	};
	page = await mountPage({ answers, start: day });
	await button(page.wrapper, "Find quieter minutes").trigger("click");
	await settle();
	const box = page.wrapper.find(".jc-quieter-box");
	expect(box.text()).toContain("0 s instead of 60 min");
	expect(box.text()).toContain("at 02:00 → at 02:20");
	expect(page.host.post).not.toHaveBeenCalled();
	await button(box, "Move them").trigger("click");
	await settle();
	expect(page.host.post).toHaveBeenCalledWith("move_schedules", {
		moves: [{ record: "tasks.aging", cron: "20 2 * * *" }],
	});
});

it("fills a bar of many short runs as far as they keep the worker busy", async () => {
	const bar = { starts_at: "2026-11-23T18:00:00Z", waits_s: 0, entries: [0] };
	const blocks = [
		{ ...bar, ends_at: "2026-11-23T19:00:00Z", busy_s: 120, runs: 60 },
		{
			...bar,
			starts_at: "2026-11-23T20:00:00Z",
			ends_at: "2026-11-23T21:00:00Z",
			busy_s: 3600,
			runs: 1,
		},
	];
	const lanes = [
		{ name: "bench:long", label: "long", unserved: 0, workers: [{ name: "w1", blocks }] },
	];
	const schedule_day = wireDay({ lanes, runs: 61 });
	page = await mountPage({ answers: { ...of(wireEntry("aging")), schedule_day }, start: day });
	const [many, one] = page.wrapper.findAll(".jc-day-bars i");
	expect(many.classes()).toContain("jc-day-several");
	expect(many.attributes("title")).toContain("60 runs, busy 3 % of the time");
	expect(many.element.style.getPropertyValue("--jc-busy")).toBe("15%");
	expect(one.classes()).not.toContain("jc-day-several");
	expect(one.attributes("title")).not.toContain("busy");
});
