import { expect, test } from "vitest";
import { jobsText } from "@/domain/counted.js";
import { fleetSentence } from "@/domain/fleet.js";
import { questionOf } from "@/domain/group_retry.js";

const __ = (text, values = []) => text.replace(/\{(\d)\}/g, (_, at) => values[at]);

test("one is not many", () => {
	expect([0, 1, 2].map((jobs) => jobsText(__, jobs))).toEqual(["0 jobs", "1 job", "2 jobs"]);
	expect(jobsText(__, 40, "≈ 40")).toBe("≈ 40 jobs");
	expect(questionOf(__, { count: 1, method: "shop.mail" }).title).toBe("Retry 1 job: shop.mail");
	expect(fleetSentence(__, [{ state: "critical" }])).toBe("The bench needs you.");
});
