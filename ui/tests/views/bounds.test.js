import { describe, expect, it } from "vitest";
import { pageOpener } from "../support/opened.js";
import { button } from "../support/page.js";
import { wireJob, wireSnapshot } from "../support/wire.js";

const open = pageOpener();
const failed = (id) =>
	wireJob({
		id,
		status: "failed",
		actions: ["retry", "delete"],
		error: { type: "E", message: "no", traceback: null, cut: null },
	});
const page = (change) => ({
	total: 2,
	approximate: false,
	page: 1,
	size: 200,
	by_expiry: false,
	jobs: [failed("a"), failed("b")],
	...change,
});
describe("the jobs view", () => {
	it("says when what has ended does not stand in the order of its ends", async () => {
		const shown = async (by_expiry) => {
			const { wrapper } = await open({
				start: { path: ["jobs"], query: {} },
				answers: { jobs: page({ by_expiry }) },
			});
			return wrapper.find(".jc-bulk").text();
		};
		expect(await shown(true)).toContain("by when RQ will drop it");
		expect(await shown(false)).not.toContain("RQ will drop");
	});
});

describe("a page that was not reached in time", () => {
	const reached = { scanned: 560000, of: 1000000, cursor: "560000:420031" };
	const shown = (change) =>
		open({
			start: { path: ["jobs"], query: { page: "35000" } },
			answers: {
				jobs: page({ page: 2100, total: 750000, approximate: true, reached, ...change }),
			},
		});

	it("shows the last one that was, says how far it came, and goes on from there", async () => {
		const { wrapper, host } = await shown({});
		expect(wrapper.find(".jc-bulk").text()).toContain(
			"looked through 560,000 of 1,000,000 jobs: page 2,100 is as far as it came",
		);
		await button(wrapper, "Go on").trigger("click");
		const asked = host.call.mock.calls
			.filter(([name]) => name === "jobs")
			.map(([, given]) => given);
		expect(asked[0]).toMatchObject({ page: 35000 });
		expect(asked[0]).not.toHaveProperty("after");
		expect(asked.at(-1)).toMatchObject({ page: 35000, after: "560000:420031" });
	});

	it("does not say that there are no such jobs", async () => {
		const { wrapper } = await shown({ jobs: [] });
		expect(wrapper.text()).not.toContain("No such jobs.");
		expect(wrapper.text()).toContain("looked through 560,000 of 1,000,000 jobs");
	});
});

describe("the headline", () => {
	const shown = async (health, notes = []) => {
		const { wrapper } = await open({ answers: { snapshot: wireSnapshot({ health, notes }) } });
		return wrapper.find(".jc-header");
	};
	const evidence = ["3 workers alive.", "40 jobs finished lately."];

	it("says on demand what speaks for it", async () => {
		const header = await shown({ verdict: "ok", reasons: [], evidence, telling: true });
		expect(header.text()).not.toContain("3 workers alive.");
		await button(header, "Why?").trigger("click");
		for (const sentence of evidence) expect(header.text()).toContain(sentence);
	});

	it("says at once, and all of it, why it cannot be told", async () => {
		const reasons = ["No telling: no worker is alive here now.", "No telling: Redis is new."];
		const header = await shown({ verdict: "warning", reasons, evidence, telling: false });
		expect(header.find("h2").text()).toBe(reasons[0]);
		expect(header.text()).toContain(reasons[1]);
		expect(header.text()).toContain("40 jobs finished lately.");
	});

	it("says what could not be read", async () => {
		const health = { verdict: "ok", reasons: [], evidence: [], telling: true };
		const header = await shown(health, ["1 lane of other benches cannot be read."]);
		expect(header.text()).toContain("1 lane of other benches cannot be read.");
	});
});

describe("the audit trail", () => {
	it("names the warning that was silenced, and why", async () => {
		const entry = {
			actor: "sam@example.com",
			action: "mute",
			job_id: "",
			ok: true,
			state_before: "told",
			state_after: "muted",
			reason: "known",
			detail: "ghost_queued 9f2c",
			at: "2026-11-23T16:40:00Z",
		};
		const { wrapper } = await open({
			start: { path: ["audit"], query: {} },
			answers: { audit: { total: 1, entries: [entry] } },
		});
		const text = wrapper.find(".jc-audit").text();
		expect(text).toContain("Mute");
		expect(text).toContain("the warning ghost_queued");
		expect(text).toContain("“known”");
		expect(text).not.toContain("told");
	});

	const trail = async (change, total = 1) => {
		const entry = {
			actor: "sam@example.com",
			action: "stop_worker",
			job_id: "",
			ok: true,
			state_before: "busy",
			state_after: "told",
			reason: "a deploy",
			detail: "w1",
			at: "2026-11-23T16:40:00Z",
			...change,
		};
		const { wrapper } = await open({
			start: { path: ["audit"], query: {} },
			answers: { audit: { total, entries: [entry] } },
		});
		return wrapper.find("main").text();
	};

	it("has words for the states that are no job's", async () => {
		expect(await trail({})).toContain("Busy → Told to stop");
		expect(await trail({ state_after: "stopping" })).toContain("Busy → Ends after its job");
		const asked = {
			action: "stop",
			job_id: "j",
			state_before: "started",
			state_after: "asked",
		};
		expect(await trail(asked)).toContain("Running → Asked");
	});

	it("says that it is bounded, where it is full", async () => {
		expect(await trail({}, 9_999)).not.toContain("forgotten");
		expect(await trail({}, 10_000)).toContain("The newest 10,000 are kept");
	});
});

describe("a search", () => {
	const searched = async (by_expiry) => {
		const { wrapper } = await open({
			start: { path: ["jobs"], query: { method: "sync" } },
			answers: {
				search: { jobs: [failed("a")], cursor: null, scanned: 1, of: 1, by_expiry },
			},
		});
		return wrapper.find("main").text();
	};

	it("says when what has ended does not come in the order of its ends", async () => {
		expect(await searched(true)).toContain("by when RQ will drop it");
		expect(await searched(false)).not.toContain("RQ will drop");
	});
});
