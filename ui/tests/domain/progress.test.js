import { describe, expect, it } from "vitest";
import { translate as __ } from "@/host/web.js";
import {
	secondsLeft,
	isProgressing,
	timeLeftText,
	progressText,
	rateText,
} from "@/domain/progress.js";

const AT = new Date("2026-11-23T16:45:00Z");
const now = AT.getTime();
const said = (change) => ({
	done: 41230,
	total: 80000,
	rate: 107.7,
	at: AT,
	fromPublishProgress: false,
	...change,
});
const job = (change, status = "started") => ({ status, progress: said(change) });

describe("how far a job has come", () => {
	it("reads as people say it", () => {
		expect(progressText(__, said())).toBe("41,230 of 80,000");
		expect(progressText(__, said({ total: null }))).toBe("41,230 so far");
		expect(progressText(__, said({ done: 40.4, total: 100, fromPublishProgress: true }))).toBe(
			"40 %",
		);
		expect(progressText(__, said({ done: 3, total: 8, fromPublishProgress: true }))).toBe(
			"3 of 8",
		);
	});

	it("tells how long the rest takes, counted down", () => {
		expect(timeLeftText(__, job(), now)).toBe("about 6 min left");
		// It has said nothing for some seconds, and should have ended by now.
		const over = { at: new Date(now - 10_000), done: 79, total: 80, rate: 1 };
		expect(timeLeftText(__, job(over), now)).toBe("about to end");
		expect(secondsLeft(said(), now + 20_000)).toBe(340);
		expect(secondsLeft(said({ rate: null }), now)).toBeNull();
		expect(timeLeftText(__, job({ total: null }), now)).toBe("");
		expect(timeLeftText(__, job({}, "failed"), now)).toBe("");
	});

	it("does not promise what nobody has heard of for long", () => {
		expect(timeLeftText(__, job(), now + 240_000)).toBe("nothing heard for 4 min");
		expect(isProgressing(job(), now + 5000)).toBe(true);
		expect(isProgressing(job(), now + 240_000)).toBe(false);
		expect(isProgressing(job({}, "scheduled"), now)).toBe(false);
		expect(isProgressing({ status: "started", progress: null }, now)).toBe(false);
	});

	it.each([
		[1234.5, "1,235 a second"],
		[2.54, "2.5 a second"],
		[0.5, "30 a minute"],
		[0.01, "36 an hour"],
		[null, ""],
	])("%s items a second read %s", (rate, text) => expect(rateText(__, rate)).toBe(text));
});
