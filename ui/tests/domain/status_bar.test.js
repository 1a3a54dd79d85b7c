import { describe, expect, it } from "vitest";
import { translate as __ } from "@/host/web.js";
import { toSnapshot } from "@/services/wire/snapshot.js";
import { wireSnapshot, wireWarning } from "../support/wire.js";
import { statusBar } from "@/domain/status_bar.js";

describe("the status bar", () => {
	const now = Date.parse("2026-11-23T16:45:40Z");
	const texts = (change) =>
		statusBar(__, toSnapshot(wireSnapshot(change)), now).map((item) => item.text);
	it("say what the bench runs on", () => {
		expect(texts()).toEqual(["no workers", "Redis 34 MB of 2 GB", "the whole bench"]);
	});
	it("say which Redis this is, and that it is not the one of the bench here", () => {
		const here = { bench: "mine", server: "127.0.0.1:11000/0" };
		expect(texts(here)).toContain("mine · 127.0.0.1:11000/0");
		const other = { server: "127.0.0.1:6379/0", bench_server: "127.0.0.1:11000/0" };
		expect(texts(other).slice(-2)).toEqual([
			"127.0.0.1:6379/0",
			"not this folder's bench, which uses 127.0.0.1:11000/0",
		]);
	});
	it("do not count a worker whose process was killed", () => {
		const workers = [
			{ name: "a", state: "busy" },
			{ name: "b", state: "gone", gone: "Process 7 on a is not there any more." },
		];
		expect(texts({ workers })).toContain("1 of 1 worker busy");
		expect(texts({ workers: workers.slice(1) })).toContain("no workers");
	});
	it("say who takes no more work", () => {
		const since = "2026-11-23T16:45:00Z";
		const workers = [
			{ name: "a", state: "busy", draining_since: since },
			{ name: "b", state: "idle" },
		];
		expect(texts({ workers })).toContain("1 of 2 workers busy, 1 stopping");
	});
	it("say how much was looked at, where that is not all", () => {
		const surveyed = (share, unsure = 0) => ({
			surveyed: { of: 1000, share, unsure, text: "Surveyed 34 % of 1,000 waiting jobs." },
		});
		const words = "Surveyed 34 % of 1,000 waiting jobs";
		expect(texts(surveyed(0.34))).toContain(words);
		expect(texts(surveyed(1, 3))).toContain(words);
		expect(texts(surveyed(1))).not.toContain(words);
	});
	it("know the scheduler where there is one", () => {
		const schedule = { running: true, ticked_at: "2026-11-23T16:45:00Z" };
		expect(texts({ schedule })).toContain("scheduler ticked 40 s ago");
		expect(texts({ schedule: { running: true } })).toContain("scheduler has not ticked yet");
		const old = { schedule, warnings: [wireWarning({ code: "scheduler_down" })] };
		const bad = (change) =>
			statusBar(__, toSnapshot(wireSnapshot(change)), now).find((item) =>
				item.text.includes("scheduler"),
			).bad;
		expect([bad({ schedule }), bad(old)]).toEqual([undefined, true]);
		const off = { running: false, reason: "paused on this site" };
		expect(texts({ schedule: off })).toContain("scheduler is off: paused on this site");
	});
	it("say what nobody gets done", () => {
		const duties = [
			{ key: "remember", failures: 0, error: "" },
			{ key: "incidents@a.localhost", failures: 3, error: "no database" },
		];
		expect(texts({ duties }).at(-1)).toBe("the whole bench");
		expect(texts({ duties })).toContain(
			"Writing down incidents (a.localhost) failed 3 times: no database",
		);
		expect(texts({ duties: [{ key: "retry", failures: 2, error: "no" }] })).toContain(
			"Bringing back retries failed 2 times: no",
		);
	});
});
