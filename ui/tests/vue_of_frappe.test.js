import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

// `bench build` bundles the page with Frappe's own Vue, which is 3.3 in Frappe 15 and 16.
const NEWER =
	/\b(useId|useTemplateRef|useModel|defineModel|onWatcherCleanup|hydrateOn\w+)\b|const \{[^}]*\} = defineProps/;

it("uses nothing of Vue that Frappe's has not", () => {
	const root = join(__dirname, "../../job_console/public/js");
	const files = readdirSync(root, { recursive: true })
		.map(String)
		.filter((file) => /\.(js|vue)$/.test(file));
	const newer = files.filter((file) => NEWER.test(readFileSync(join(root, file), "utf8")));
	expect(files.length).toBeGreaterThan(100);
	expect(newer).toEqual([]);
});
