import { expect, test } from "vitest";
import { shortFrame } from "@/domain/stacks.js";

test("a frame is known by the end of its path", () => {
	const frame = "/home/x/apps/shop/shop/stock/sync.py in pull";
	expect(shortFrame(frame)).toBe("shop/stock/sync.py in pull");
});
