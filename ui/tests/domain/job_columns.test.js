import { describe, expect, it } from "vitest";
import {
	COLUMNS,
	fittingColumns,
	neededWidth,
	shownColumns,
	USUAL,
} from "@/domain/job_columns.js";

const usual = shownColumns(USUAL, "", "");
const ids = (columns) => columns.map((each) => each.id);
const fitting = (width, sort = "", settings = USUAL) =>
	ids(fittingColumns(shownColumns(settings, "", sort), settings, sort, width));

describe("columns in a narrow place", () => {
	it("all stand where they have room, and where the room is not known", () => {
		expect(fitting(neededWidth(usual))).toEqual(USUAL.columns);
		expect(fitting(0)).toEqual(USUAL.columns);
	});

	it("those that tell least leave first, until the rest has room", () => {
		const gone = (width) => USUAL.columns.filter((id) => !fitting(width).includes(id));
		expect(gone(neededWidth(usual) - 1)).toEqual(["user"]);
		expect(gone(900)).toEqual(["user", "ended"]);
		expect(gone(300)).toEqual(["arguments", "user", "ended"]);
	});

	it("beside the desk's sidebar on a usual screen the last column is whole", () => {
		const left = fittingColumns(usual, USUAL, "", 980);
		expect(neededWidth(left)).toBeLessThanOrEqual(980);
		expect(ids(left)).toContain("ended");
	});

	it("what is sorted by, and what somebody chose, stays", () => {
		expect(fitting(600, "-user")).toContain("user");
		const chosen = { ...USUAL, columns: COLUMNS.map((each) => each.id) };
		expect(fitting(300, "", chosen)).toEqual(chosen.columns);
	});
});
