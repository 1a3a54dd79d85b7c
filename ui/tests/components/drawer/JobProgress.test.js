import { describe, expect, it } from "vitest";
import { mountPage, settle } from "../../support/page.js";
import { wireChunks, wireDetail, wireProgress } from "../../support/wire.js";

async function drawer(change, explain = { because: [] }) {
	const { wrapper } = await mountPage({
		answers: {
			show: wireDetail({ status: "started", ...change }),
			explain,
		},
		start: { path: ["jobs"], query: { job: "x" } },
		hooks: { docUrl: (doctype, name) => `/app/${doctype}/${name}` },
	});
	await settle();
	const text = wrapper.find(".jc-drawer").text();
	const links = wrapper.findAll(".jc-drawer a").map((link) => link.attributes("href"));
	wrapper.unmount();
	return { text, links };
}

describe("the drawer's progress", () => {
	it("says where it is, how fast, and when it ends", async () => {
		const at = new Date().toISOString();
		const { text } = await drawer({ progress: wireProgress({ at }) });
		expect(text).toContain("41,230 of 80,000, about");
		expect(text).toContain("108 a second");
		expect(text).toContain("Expected end");
	});

	it("is the only one that says how far it is", async () => {
		const at = new Date().toISOString();
		const text = "It is running and progressing: 60 of 80, about 5 s left.";
		const details = [{ text, brief: "It is running and progressing.", remedies: [] }];
		const answer = { because: [text], details, remedies: [] };
		const found = await drawer({ progress: wireProgress({ at }) }, answer);
		expect(found.text).toContain("It is running and progressing.");
		expect(found.text.match(/ left/g)).toHaveLength(1);
	});

	it("reports what became of the items, and leads to their record", async () => {
		const chunks = wireChunks({
			skipped: 2,
			failed: 3,
			run: 4,
			part: [2, 3],
			reasons: [{ text: "ValidationError: no stock", count: 3 }],
		});
		const { text, links } = await drawer({ progress: wireProgress({ chunks }) });
		expect(text).toContain("41,200 committed, 2 skipped, 3 failed");
		expect(text).toContain("3 × ValidationError: no stock");
		expect(text).toContain("2 of 3");
		expect(links).toContain("/app/Job Checkpoint/abc");
	});

	it("says what it was asked for", async () => {
		const asked = { pause: { by: "sam", at: "2026-11-23T16:45:00Z", reason: "month end" } };
		const { text } = await drawer({ progress: wireProgress(), asked });
		expect(text).toContain("Pause was asked for by sam: month end");
	});

	it("is not there for a job that says nothing", async () => {
		expect((await drawer({})).text).not.toContain("Progress");
	});
});
