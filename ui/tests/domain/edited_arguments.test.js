import { describe, expect, it } from "vitest";
import { readChanges, argumentFields } from "@/domain/edited_arguments.js";

const __ = (text) => text;
const fields = (args, change = {}) =>
	argumentFields(args).map((field) => ({ ...field, text: change[field.name] ?? field.text }));

describe("arguments as fields", () => {
	it("says nothing where nothing was changed, however it is written", () => {
		const args = { customer: "C-1", rows: [1, { a: null }], deep: { text: "x".repeat(80) } };
		const same = { rows: '[1,  {"a": null}]', customer: ' "C-1" ' };
		expect(readChanges(__, fields(args, same))).toEqual({
			changes: {},
			differences: [],
			mistakes: {},
		});
	});

	it("tells what was changed, as JSON", () => {
		const { changes, differences } = readChanges(__, fields({ n: 1, ok: true }, { n: "2" }));
		expect(changes).toEqual({ n: 2 });
		expect(differences).toEqual([{ name: "n", before: "1", after: "2" }]);
	});

	it("wants JSON", () => {
		const { changes, mistakes } = readChanges(__, fields({ n: 1, m: 2 }, { n: "two", m: "" }));
		expect(changes).toEqual({});
		expect(Object.keys(mistakes)).toEqual(["n", "m"]);
	});

	it.each([
		["a secret", "••••••"],
		["a secret inside", { user: "x", password: "••••••" }],
		["a text that is cut", "long… (9,000 characters)"],
		["a list that is cut", [1, "… 12 more"]],
		["bytes", "<12 bytes>"],
	])("never sends back %s", (_what, value) => {
		const shown = fields({ value });
		expect(shown[0]).toMatchObject({ text: "", was: null });
		expect(readChanges(__, shown).changes).toEqual({});
		expect(readChanges(__, fields({ value }, { value: '"new"' })).changes).toEqual({
			value: "new",
		});
	});

	it("has no field for arguments that are not shown at all", () => {
		expect(argumentFields({ a: 1, "…": "7 more" }).map((field) => field.name)).toEqual(["a"]);
	});
});
