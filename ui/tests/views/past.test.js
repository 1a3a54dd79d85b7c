import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { button, mountPage, settle } from "../support/page.js";
import { wireDetail, wireJob, wireLane, wireSnapshot, wireWarning } from "../support/wire.js";

let page;
beforeEach(() => {
	vi.useFakeTimers({
		toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"],
	});
	vi.setSystemTime("2026-11-23T16:40:00Z");
});
afterEach(() => {
	page.wrapper.unmount();
	vi.useRealTimers();
});

const AT = "2026-11-23T14:00:00Z";
const start = { path: [], query: { at: AT } };
const covered = [["2026-11-23T13:00:00Z", "2026-11-23T16:40:00Z"]];
const running = wireJob({
	id: "shop.example.com||then",
	status: "started",
	started_at: "2026-11-23T13:50:00Z",
	actions: [],
});

/** What was 700 waiting at two, and is 3 now. */
function answers(more = {}) {
	const lane = (queued, change) => wireLane({ counts: { queued, started: 1 }, ...change });
	return {
		snapshot: wireSnapshot({ at: "2026-11-23T16:40:00Z", queues: [lane(3)], warnings: [] }),
		open_incidents: { incidents: [] },
		show: wireDetail({ id: running.id }),
		moment: ({ at }) => ({
			at,
			now: "2026-11-23T16:40:00Z",
			every_s: 10,
			kept_s: 604800,
			before: at,
			after: null,
			covered,
			marks: [
				{
					at: "2026-11-23T13:58:00Z",
					since: null,
					kind: "apps",
					site: null,
					text: "shop 1.4.2",
				},
			],
			snapshot: wireSnapshot({
				at,
				read_only: true,
				may_operate: false,
				queues: [lane(700, { running: [running] })],
				warnings: [wireWarning({ message: "short is starved", remedies: [] })],
			}),
			...more,
		}),
	};
}

const asked = (host) =>
	host.call.mock.calls.filter(([name]) => name === "moment").map(([, { at }]) => at);

it("shows the bench as it was then, and nothing to act on", async () => {
	page = await mountPage({ answers: answers(), start });
	const text = page.wrapper.text();
	expect(text).toContain("As it was on");
	expect(text).toContain("Nothing that is shown here can be acted on.");
	expect(text).toContain("700");
	expect(text).toContain("short is starved");
	expect(text).toContain("10 min"); // how long it had run by then
	expect(page.wrapper.find(".jc-in-past").exists()).toBe(true);
	for (const label of ["Stop", "Pause", "Suspend", "Acknowledge", "Move", "Live"]) {
		expect(button(page.wrapper, label), label).toBeUndefined();
	}
	await page.wrapper.find(".jc-running a").trigger("click");
	await settle();
	const drawer = page.wrapper.find(".jc-drawer");
	expect(drawer.text()).toContain("as it is now, not as it was then");
	expect(button(drawer, "Cancel")).toBeUndefined();
	document.dispatchEvent(new KeyboardEvent("keydown", { key: "c", bubbles: true }));
	await settle();
	expect(page.host.act).not.toHaveBeenCalled();
});

it("goes elsewhere by the bar, by marks and by steps, and the address says where", async () => {
	page = await mountPage({ answers: answers(), start });
	const slider = page.wrapper.find("input[type=range]");
	expect(slider.attributes("aria-valuetext")).toContain("2026");
	await slider.setValue(Date.parse("2026-11-23T14:10:00Z"));
	await slider.trigger("change");
	await settle();
	expect(page.host.route.get().query.at).toBe("2026-11-23T14:10:00Z");
	await page.wrapper.find(".jc-past-point").trigger("click");
	await settle();
	expect(asked(page.host).at(-1)).toBe("2026-11-23T13:58:00Z");
	await page.wrapper.find('[aria-label="Ten seconds on"]').trigger("click");
	await settle();
	expect(asked(page.host).at(-1)).toBe("2026-11-23T13:58:10Z");
	await button(page.wrapper, "Back to now").trigger("click");
	await settle();
	expect(page.host.route.get().query.at).toBeUndefined();
	expect(page.wrapper.text()).not.toContain("700");
	expect(page.wrapper.text()).not.toContain("As it was on");
});

it("plays, one picture after the other, and stops when asked", async () => {
	page = await mountPage({ answers: answers(), start });
	await button(page.wrapper, "×60").trigger("click");
	for (let second = 0; second < 3; second += 1) {
		await vi.advanceTimersByTimeAsync(1000);
		await settle();
	}
	expect(asked(page.host).slice(-3)).toEqual([
		"2026-11-23T14:01:00Z",
		"2026-11-23T14:02:00Z",
		"2026-11-23T14:03:00Z",
	]);
	expect(button(page.wrapper, "×60").attributes("aria-pressed")).toBe("true");
	await button(page.wrapper, "×60").trigger("click");
	await vi.advanceTimersByTimeAsync(3000);
	expect(asked(page.host).at(-1)).toBe("2026-11-23T14:03:00Z");
});

it("compares with now", async () => {
	page = await mountPage({ answers: answers(), start });
	await button(page.wrapper, "Compare with now").trigger("click");
	const table = page.wrapper.find(".jc-compare");
	expect(table.find("tbody").text()).toContain("700");
	expect(table.find("tbody").text()).toContain("3");
	expect(table.text()).toContain("Warnings that have ended since");
});

it("says that nothing is known where nobody looked, and which pictures are nearest", async () => {
	const gap = { snapshot: null, before: "2026-11-23T13:30:00Z", after: "2026-11-23T14:20:00Z" };
	page = await mountPage({ answers: answers(gap), start });
	expect(page.wrapper.find("main").text()).toContain("There is no picture of this moment.");
	expect(page.wrapper.find(".jc-lanes").exists()).toBe(false);
	await button(page.wrapper, "The first one after it").trigger("click");
	await settle();
	expect(asked(page.host).at(-1)).toBe("2026-11-23T14:20:00Z");
});

it("begins a minute ago, and stays in the past between lanes and workers", async () => {
	page = await mountPage({ answers: answers() });
	await page.wrapper.find('[aria-label="Back in time"]').trigger("click");
	await settle();
	expect(page.host.route.get().query.at).toBe("2026-11-23T16:39:00Z");
	const tab = (name) => page.wrapper.findAll(".jc-tab").find((each) => each.text() === name);
	await tab("Workers").trigger("click");
	await settle();
	expect(page.host.route.get()).toEqual({
		path: ["workers"],
		query: { at: "2026-11-23T16:39:00Z" },
	});
	await tab("Jobs").trigger("click");
	await settle();
	expect(page.wrapper.text()).not.toContain("As it was on");
});

it("says what is wrong with a moment", async () => {
	const refused = Object.assign(new Error("Pictures are kept for a week."), {
		type: "BadRequest",
	});
	const failing = () => Promise.reject(refused);
	page = await mountPage({ answers: { ...answers(), moment: failing }, start });
	expect(page.wrapper.find(".jc-past").text()).toContain("Pictures are kept for a week.");
	expect(button(page.wrapper, "Back to now")).toBeDefined();
});
