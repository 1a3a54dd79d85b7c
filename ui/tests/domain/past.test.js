import { describe, expect, it } from "vitest";
import { compare } from "@/domain/compare.js";
import {
	HOUR,
	momentOf,
	nextOf,
	pieces,
	points,
	spelled,
	stepOf,
	WEEK_MS,
	windowOf,
} from "@/domain/past.js";
import { translate as __ } from "@/host/web.js";
import { toSnapshot } from "@/services/wire/snapshot.js";
import { wireLane, wireSnapshot, wireWarning } from "../support/wire.js";

const NOW = Date.parse("2026-11-23T16:40:00Z");

describe("the address", () => {
	it("names a moment to the second, or none", () => {
		expect(spelled(NOW + 123)).toBe("2026-11-23T16:40:00Z");
		expect(momentOf("2026-11-23T16:40:00Z")).toBe(NOW);
		expect(momentOf("tea")).toBeNull();
		expect(momentOf(undefined)).toBeNull();
	});
});

describe("the bar", () => {
	it("stays while the moment is on it, and never leaves the week that is kept", () => {
		const first = windowOf(NOW - 10 * HOUR, HOUR, NOW, WEEK_MS, null);
		expect(first).toEqual({ since: NOW - 10.5 * HOUR, until: NOW - 9.5 * HOUR });
		expect(windowOf(NOW - 9.6 * HOUR, HOUR, NOW, WEEK_MS, first)).toBe(first);
		const later = windowOf(NOW - 9 * HOUR, HOUR, NOW, WEEK_MS, first);
		expect(later.until).toBe(NOW - 8.5 * HOUR);
		expect(windowOf(NOW, HOUR, NOW, WEEK_MS, first)).toEqual({
			since: NOW - HOUR,
			until: NOW,
		});
		const oldest = windowOf(NOW - WEEK_MS, HOUR, NOW, WEEK_MS, null);
		expect(oldest.since).toBe(NOW - WEEK_MS);
		const week = windowOf(NOW - HOUR, WEEK_MS, NOW, WEEK_MS, first);
		expect(week).toEqual({ since: NOW - WEEK_MS, until: NOW });
	});

	it("moves by whole pictures", () => {
		expect(stepOf({ since: NOW - HOUR, until: NOW }, 10_000)).toBe(10_000);
		expect(stepOf({ since: NOW - 24 * HOUR, until: NOW }, 10_000)).toBe(240_000);
	});

	it("has pieces where there are pictures, and nothing in a gap", () => {
		const window = { since: 1000, until: 2000 };
		const covered = [
			[0, 900],
			[500, 1250],
			[1500, 1600],
			[1900, 5000],
		];
		expect(pieces(covered, window)).toEqual([
			{ left: 0, width: 0.25 },
			{ left: 0.5, width: expect.closeTo(0.1) },
			{ left: 0.9, width: expect.closeTo(0.1) },
		]);
	});

	it("tells of marks and incidents, of close ones together", () => {
		const window = { since: NOW - HOUR, until: NOW };
		const mark = (minutes, text) => ({ at: (NOW - minutes * 60_000) / 1000, text });
		const opened = (minutes, message) => ({
			opened: new Date(NOW - minutes * 60_000),
			message,
		});
		const marks = [mark(30, "deployed"), mark(90, "long ago"), mark(50, "paused")];
		const found = points(marks, [opened(29.5, "a ghost")], window);
		expect(found.map(({ text, bad }) => [text, bad])).toEqual([
			["paused", false],
			["deployed · a ghost", true],
		]);
		expect(found[1].left).toBeCloseTo(0.5);
	});

	it("plays over gaps, and ends in the present", () => {
		const moment = { at: 100, now: 1000, snapshot: {}, after: 700 };
		expect(nextOf(moment, 10)).toBe(110);
		expect(nextOf({ ...moment, snapshot: null }, 10)).toBe(700);
		expect(nextOf({ ...moment, at: 995 }, 10)).toBeNull();
		expect(nextOf({ ...moment, snapshot: null, after: null }, 10)).toBe(110);
	});
});

describe("then and now", () => {
	const taken = (lanes, warnings) => toSnapshot(wireSnapshot({ queues: lanes, warnings }));
	const lane = (name, queued, more) =>
		wireLane({ name, label: name, counts: { queued, started: 1 }, ...more });

	it("names what is different, by lane, and the warnings that came and went", () => {
		const then = taken(
			[lane("short", 400, { oldest_wait_s: 90 }), lane("long", 2), lane("gone", 0)],
			[
				wireWarning({ id: "1", message: "starved" }),
				wireWarning({ id: "2", message: "both" }),
			],
		);
		const now = taken(
			[lane("short", 3, { oldest_wait_s: null }), lane("long", 2)],
			[wireWarning({ id: "2", message: "both" }), wireWarning({ id: "3", message: "new" })],
		);
		const found = compare(__, then, now);
		expect(found.lanes.map((each) => each.label)).toEqual(["short", "gone"]);
		expect(found.lanes[0].differences).toEqual([
			{ what: "Waiting", then: "400", now: "3" },
			{ what: "Longest wait", then: "90 s", now: "–" },
		]);
		expect([found.ended, found.begun]).toEqual([["starved"], ["new"]]);
		expect(compare(__, then, then)).toEqual({ lanes: [], begun: [], ended: [] });
	});
});
