import { describe, expect, it } from "vitest";
import { endChoices, holdText, secondsOf, timeOf } from "@/domain/holds.js";
import { translate as __ } from "@/host/web.js";

// By the reader's own clock, whatever its zone.
const NOW = new Date(2026, 10, 23, 16, 45).getTime();
const at = (hour, day = 23) => new Date(2026, 10, day, hour, 0);

describe("until when", () => {
	const choices = endChoices(__, NOW);

	it("may be so long from now", () => {
		expect(choices[0]).toEqual({ value: "900", label: "For 15 min" });
		expect(secondsOf("900", NOW)).toBe(900);
	});

	it("may be one of the next full hours, which stays that hour while somebody thinks", () => {
		const until = choices.find((choice) => choice.label === `Until ${timeOf(at(18), NOW)}`);
		expect(secondsOf(until.value, NOW)).toBe(75 * 60);
		expect(secondsOf(until.value, NOW + 60_000)).toBe(74 * 60);
	});

	it("names the day of an hour that is not today's", () => {
		expect(timeOf(at(3, 24).getTime(), NOW)).toContain("24");
		expect(timeOf(at(18).getTime(), NOW)).not.toContain("23");
		expect(choices).toHaveLength(17);
	});
});

describe("what is held", () => {
	it("says until when, by whom and why", () => {
		const hold = { by: "mia", reason: "the bank is down", at: null, until: at(18) };
		const until = timeOf(at(18).getTime(), NOW);
		expect(holdText(__, hold, NOW)).toBe(`until ${until} by mia: the bank is down`);
	});

	it("says so when nobody wrote that down", () => {
		const hold = { by: null, reason: null, at: null, until: null };
		expect(holdText(__, hold, NOW)).toBe("without an end");
	});
});
