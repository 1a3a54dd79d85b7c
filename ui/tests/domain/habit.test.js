import { afterEach, describe, expect, it } from "vitest";
import { translate as __ } from "@/host/web.js";
import { bytes, count, dateMinute, dateTime } from "@/domain/format.js";
import { readerZone, setHabit } from "@/domain/habit.js";
import { timeOf } from "@/domain/holds.js";
import { occasionTime } from "@/domain/schedule.js";

const NOON = new Date(Date.UTC(2026, 6, 1, 12, 5, 9));

afterEach(() => setHabit({}));

describe("one convention for the whole page", () => {
	it("is what the host says: zone, date format, numbers", () => {
		setHabit({ zone: "Asia/Tokyo", date: "dd.mm.yyyy", number: (value) => `#${value}` });
		expect(readerZone()).toBe("Asia/Tokyo");
		expect(dateTime(NOON)).toBe("01.07.2026, 21:05:09");
		expect(dateMinute(NOON)).toBe("01.07.2026, 21:05");
		expect(count(41230)).toBe("#41230");
		setHabit({ number: (value, digits) => value.toFixed(digits).replace(".", ",") });
		expect([count(3), count(3.04), count(4.27)]).toEqual(["3", "3", "4,3"]);
		expect(bytes(2_202_010)).toBe("2,1 MB");
		setHabit({ zone: "Asia/Tokyo", date: "dd.mm.yyyy" });
		expect(timeOf(NOON.getTime(), NOON.getTime())).toBe("21:05");
		expect(timeOf(NOON.getTime(), NOON.getTime() + 86_400_000)).toBe("01.07.2026, 21:05");
	});
	it("is the browser's where the host says nothing", () => {
		expect(readerZone()).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
		expect(dateTime(NOON)).toContain("2026");
	});
	it("has the dates and numbers of a language that was chosen", () => {
		setHabit({ locale: "de", zone: "UTC" });
		expect(dateTime(NOON)).toBe("01.07.2026, 12:05:09");
		expect([count(41230), bytes(2_202_010)]).toEqual(["41.230", "2,1 MB"]);
	});
	it("is UTC in a zone that the browser does not know", () => {
		setHabit({ zone: "Nowhere/At_All", date: "yyyy-mm-dd" });
		expect(dateMinute(NOON)).toBe("2026-07-01, 12:05");
	});
	it("has the site's clock beside the reader's where that shows something else", () => {
		setHabit({ zone: "Asia/Tokyo", date: "yyyy-mm-dd" });
		const run = (shown) => ({ startsAt: NOON, shown, oddity: null });
		expect(occasionTime(__, run("2026-07-01T21:05"), "Asia/Tokyo")).toBe("2026-07-01, 21:05");
		expect(occasionTime(__, run("2026-07-01T14:05"), "Europe/Berlin")).toBe(
			"2026-07-01, 21:05 (14:05 in Europe/Berlin)",
		);
	});
});
