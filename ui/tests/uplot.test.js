import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

// It stands among our sources, as its makers wrote it: who changes it there is found here.
const SHA256 = "5dd9b3281aa64b461b42d9945f6adb2649d346502b12281a9ae0d46599a80eba";

it("is uPlot 1.6.32 as it was published, with its licence", () => {
	const folder = join(__dirname, "../../job_console/public/js/uplot");
	const source = readFileSync(join(folder, "uPlot.esm.js"));
	expect(source.toString()).toContain("(v1.6.32)");
	expect(createHash("sha256").update(source).digest("hex")).toBe(SHA256);
	expect(readFileSync(join(folder, "LICENSE"), "utf8")).toContain("The MIT License (MIT)");
});
