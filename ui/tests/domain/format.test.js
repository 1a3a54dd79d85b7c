import { describe, expect, it } from "vitest";
import durations from "./durations.json";
import { translate as __ } from "@/host/web.js";
import { approximate, bytes, duration, relative, shortId, shortMethod } from "@/domain/format.js";

describe("duration", () => {
	it.each([
		[null, ""],
		// As the engine says them: its tests read the same list.
		...durations,
		[-5, "0 s"],
	])("%s seconds read %s", (seconds, text) => {
		expect(duration(__, seconds)).toBe(text);
	});
});

describe("relative", () => {
	const now = Date.UTC(2026, 10, 23, 12);
	it("looks back and ahead", () => {
		expect(relative(__, new Date(now - 4000), now)).toBe("4 s ago");
		const hours = new Date(now - 7920_000);
		expect(relative(__, hours, now)).toBe("2 h 12 min ago");
		expect(relative(__, hours, now, true)).toBe("2 h ago");
		expect(relative(__, new Date(now + 180_000), now)).toBe("in 3 min");
		expect(relative(__, new Date(now - 200), now)).toBe("just now");
		expect(relative(__, null, now)).toBe("");
	});
});

describe("bytes", () => {
	it.each([
		[null, ""],
		[512, "512 B"],
		[1536, "1.5 KB"],
		[35_651_584, "34 MB"],
		[2 * 1024 ** 3, "2 GB"],
	])("%s is %s", (value, text) => expect(bytes(value)).toBe(text));
});

describe("names", () => {
	it("keeps what people know of an id", () => {
		expect(shortId("shop.example.com||abc")).toBe("abc");
		expect(shortId("shop.example.com::abc")).toBe("abc");
		expect(shortId("abc")).toBe("abc");
		expect(shortId("x".repeat(60))).toHaveLength(38);
	});
	it("keeps the last part of a method", () => {
		expect(shortMethod("frappe.email.queue.flush")).toBe("flush");
		expect(shortMethod(null)).toBe("");
	});
	it("marks an estimate", () => {
		expect(approximate(5, true)).toBe("≈ 5");
		expect(approximate(5, false)).toBe("5");
	});
});
