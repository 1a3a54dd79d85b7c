import { afterEach, describe, expect, it, vi } from "vitest";
import { button, mountPage, settle } from "../../support/page.js";
import { wireDetail } from "../../support/wire.js";

const ID = "shop.example.com||abc";
let page;

async function open(change, hooks) {
	const show = wireDetail({ id: ID, ...change });
	page = await mountPage({
		answers: {
			show,
			explain: { because: [] },
			record_repeat: "Sync",
			draft_policy: { values: { method: "shop.sync", timeout: 60 }, observed: { runs: 9 } },
		},
		start: { path: ["jobs"], query: { job: ID } },
		hooks,
	});
	await settle();
	return page;
}

afterEach(() => page.wrapper.unmount());

describe("a job's policy", () => {
	const policy = { name: "Sync", source: "code", decided: ["It goes to long."] };

	it("is named, with what it decided", async () => {
		const docUrl = (doctype, name) => `/app/${doctype}/${name}`;
		const { wrapper } = await open({ policy }, { docUrl });
		const section = wrapper.find(".jc-policy-name");
		expect(section.text()).toContain("Sync, declared in code");
		expect(section.find("a").attributes("href")).toBe("/app/Job Policy/Sync");
		expect(wrapper.find(".jc-policy-decided").text()).toBe("It goes to long.");
	});

	it("is missed where somebody may retry a job of which nobody knows what that does", async () => {
		const words = "Nobody has said whether it is safe to repeat";
		const failed = { status: "failed", actions: ["retry"], policy };
		const { wrapper } = await open({ ...failed, repeat: "unknown" });
		expect(wrapper.text()).toContain(words);
		wrapper.unmount();
		await open({ ...failed, repeat: "safe" });
		expect(page.wrapper.text()).not.toContain(words);
	});

	it("is told in one click whether a second run does harm", async () => {
		const failed = { status: "failed", actions: ["retry"], repeat: "unknown" };
		const { wrapper, host } = await open(failed, { newDoc: vi.fn() });
		await button(wrapper, "It is not safe").trigger("click");
		await settle();
		expect(host.post).toHaveBeenCalledWith("record_repeat", { job_id: ID, answer: "Unsafe" });
		expect(host.notify).toHaveBeenCalledWith(expect.stringContaining("Sync"), "green");
		wrapper.unmount();
		const glob = { name: "All", kind: "glob", source: "desk", decided: [] };
		await open({ ...failed, policy: glob }, { newDoc: vi.fn() });
		expect(page.wrapper.text()).not.toContain("It is not safe");
	});

	it("can be made from what was observed where there is none", async () => {
		const newDoc = vi.fn();
		const { wrapper, host } = await open({}, { newDoc });
		await button(wrapper, "Make one from what was observed").trigger("click");
		await settle();
		expect(host.call).toHaveBeenCalledWith("draft_policy", { job_id: ID });
		expect(newDoc).toHaveBeenCalledWith(
			"Job Policy",
			{ method: "shop.sync", timeout: 60 },
			{ observed: { runs: 9 } },
		);
	});

	it("says what went wrong when it cannot be made", async () => {
		const newDoc = vi.fn(async () => {
			throw new Error("No such job.");
		});
		const { wrapper, host } = await open({}, { newDoc });
		await button(wrapper, "Make one from what was observed").trigger("click");
		await settle();
		expect(host.notify).toHaveBeenCalledWith("No such job.", "red");
		expect(button(wrapper, "Make one from what was observed").element.disabled).toBe(false);
	});

	it("is not offered where there are no records", async () => {
		const { wrapper } = await open({});
		expect(wrapper.find(".jc-drawer").text()).not.toContain("Policy");
	});
});

describe("attempts", () => {
	it("are told with what each met, and when the next one is due", async () => {
		vi.useFakeTimers({ now: new Date("2026-11-23T16:45:00Z"), toFake: ["Date"] });
		const history = [
			{ at: "2026-11-23T16:40:00Z", type: "TimeoutError", message: "bank", lost: false },
			{ at: "2026-11-23T16:43:00Z", type: null, message: "", lost: true },
		];
		const tries = { failed: 2, of: 5, then: "again", why: "", history };
		const { wrapper } = await open({ tries: { ...tries, next_at: "2026-11-23T16:50:00Z" } });
		const section = wrapper.find(".jc-attempts-now").element.parentElement.textContent;
		for (const words of [
			"2 of 5 attempts failed.",
			"in 5 min",
			"TimeoutError",
			"Its process died",
		])
			expect(section).toContain(words);
		vi.useRealTimers();
	});
});
