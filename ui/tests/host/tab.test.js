import { afterEach, expect, it } from "vitest";
import { icon, numberTitle } from "@/host/tab.js";

afterEach(() => {
	document.title = "";
});

it("puts the number before the title, and takes it away again", () => {
	document.title = "Job Console";
	numberTitle(3);
	numberTitle(12);
	expect(document.title).toBe("(12) Job Console");
	numberTitle(0);
	expect(document.title).toBe("Job Console");
});

it("draws an icon with the number in the verdict's colour", () => {
	const red = decodeURIComponent(icon(3, "red"));
	expect(red).toMatch(/^data:image\/svg\+xml,<svg/);
	expect(red).toContain(">3</text>");
	expect(decodeURIComponent(icon(250, "red"))).toContain(">99</text>");
	expect(icon(3, "green")).not.toBe(icon(3, "red"));
	expect(decodeURIComponent(icon(0, "no such colour"))).toContain("></text>");
});
