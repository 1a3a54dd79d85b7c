import { describe, expect, it } from "vitest";
import { cells, heatChart, reach, ticks, told } from "@/domain/heat.js";

const __ = (text, values = []) => text.replace(/\{(\d)\}/g, (_whole, at) => values[at]);
// Buckets from 0.794 s to 12.59 s, of which two points have some.
const ends = [1, 1.259, 1.585, 1.995, 2.512, 3.162, 3.981, 5.012, 6.31, 7.943, 10, 12.59];
const row = (counts) => ends.map((_end, number) => counts[number] || 0);
const heat = { ends, counts: [row({ 0: 1, 3: 100 }), row({}), row({ 11: 10 })] };

describe("a heat map", () => {
	it("has a cell for each bucket that holds any, the fuller the darker", () => {
		const found = cells(heat);
		expect(found.map(({ at, high, count }) => [at, high, count])).toEqual([
			[0, 1, 1],
			[0, 1.995, 100],
			[2, 12.59, 10],
		]);
		const [one, most, middle] = found.map(({ shade }) => shade);
		expect(one).toBeGreaterThan(0);
		expect(most).toBe(1);
		expect(middle).toBeCloseTo((one + most) / 2);
		expect(found[0].low).toBeCloseTo(0.794, 3);
	});

	it("says round durations on its axis, and finer ones where few fit in", () => {
		expect(ticks(heat)).toEqual([1, 10]);
		const narrow = { ends: [1.995, 2.512], counts: [[1, 1]] };
		expect(ticks(narrow)).toEqual([1, 2]);
		const [low, high] = reach(narrow);
		expect([low < 1.6, high > 2.6]).toEqual([true, true]);
	});

	it("tells what is under a pointer", () => {
		expect(told(__, heat, 0, 1.7)).toBe("1.6 s – 2 s: 100");
		expect(told(__, heat, 1, 1.7)).toBe("");
		expect(told(__, heat, 0, 99)).toBe("");
	});

	it("is counted by powers of ten in the table", () => {
		const { series } = heatChart(__, "run", "How long", heat);
		expect(series.map(({ label, values }) => [label, values])).toEqual([
			["up to 1 s", [1, 0, 0]],
			["up to 10 s", [100, 0, 0]],
			["up to 100 s", [0, 0, 10]],
		]);
	});
});
