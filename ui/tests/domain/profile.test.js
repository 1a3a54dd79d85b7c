import { describe, expect, it } from "vitest";
import { profileRows } from "@/domain/profile.js";

const frame = (name, line = 1) => ({ file: `/app/${name}.py`, line, function: name });
/** As the wire has it: innermost first. */
const stack = (seconds, ...outermostFirst) => ({ seconds, frames: outermostFirst.reverse() });
const shown = (rows) =>
	rows.map(({ depth, share, frame: at }) => [depth, Math.round(share * 100), at.function]);

describe("a profile", () => {
	it("is a tree of calls by their share, below what all of it has in common", () => {
		const common = [frame("worker"), frame("wrapper"), frame("run")];
		const rows = profileRows({
			stacks: [
				stack(3, ...common, frame("read", 5), frame("decode")),
				stack(1, ...common, frame("read", 9)),
				stack(1, ...common, frame("write")),
			],
		});
		expect(shown(rows)).toEqual([
			[0, 100, "run"],
			[1, 80, "read"],
			[2, 60, "decode"],
			[1, 20, "write"],
		]);
		expect(rows[1].frame.line).toBe(5);
	});

	it("leaves out what is no more than a glimpse, and has nothing of nothing", () => {
		const rows = profileRows({
			stacks: [stack(99, frame("run"), frame("read")), stack(1, frame("run"), frame("log"))],
		});
		expect(shown(rows)).toEqual([
			[0, 100, "run"],
			[1, 99, "read"],
		]);
		expect(profileRows({ stacks: [] })).toEqual([]);
	});

	it("of a job that stands still is the line at which it stands", () => {
		const rows = profileRows({ stacks: [stack(5, frame("run"), frame("wait", 7))] });
		expect(shown(rows)).toEqual([[0, 100, "wait"]]);
	});
});
