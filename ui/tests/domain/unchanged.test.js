import { describe, expect, it } from "vitest";
import { keepUnchanged } from "@/domain/unchanged.js";

const bench = () => ({
	at: new Date(1),
	site: null,
	lanes: [
		{ name: "short", counts: { queued: 1 }, running: [{ id: "a", args: [1, { x: 2 }] }] },
		{ name: "long", counts: { queued: 0 }, running: [] },
	],
});

describe("what has not changed", () => {
	it("is the very same object", () => {
		const before = bench();
		expect(keepUnchanged(before, bench())).toBe(before);
	});

	it("is the same beside what has", () => {
		const before = bench();
		const changed = bench();
		changed.lanes[0].counts.queued = 2;
		const after = keepUnchanged(before, changed);
		expect(after).toEqual(changed);
		expect(after).not.toBe(before);
		expect(after.at).toBe(before.at);
		expect(after.lanes[0]).not.toBe(before.lanes[0]);
		expect(after.lanes[0].running).toBe(before.lanes[0].running);
		expect(after.lanes[1]).toBe(before.lanes[1]);
	});

	it("is found again in another place of its list", () => {
		const before = [{ id: "a" }, { id: "b" }];
		const after = keepUnchanged(before, [{ id: "new" }, { id: "a" }, { id: "b" }]);
		expect(after.map((row) => row.id)).toEqual(["new", "a", "b"]);
		expect(after[1]).toBe(before[0]);
		expect(after[2]).toBe(before[1]);
	});

	it.each([
		["fewer rows", [1, 2], [1]],
		["other order", [{ id: 1 }, { id: 2 }], [{ id: 2 }, { id: 1 }]],
		["a field less", { a: 1, b: 2 }, { a: 1 }],
		["a field more", { a: 1 }, { a: 1, b: undefined }],
		["another name", { a: undefined }, { b: undefined }],
		["null", { a: null }, { a: {} }],
		["a list", { a: {} }, { a: [] }],
		["a date", { a: new Date(1) }, { a: new Date(2) }],
		["a map", { a: new Map([[1, 2]]) }, { a: new Map() }],
		["nothing before", null, { a: 1 }],
	])("is never taken for it: %s", (_name, before, after) => {
		const kept = keepUnchanged(structuredClone(before), structuredClone(after));
		expect(kept).toEqual(after);
		expect(Object.keys(kept)).toEqual(Object.keys(after));
	});
});
