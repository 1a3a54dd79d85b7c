import { describe, expect, it, vi } from "vitest";
import { pageOpener } from "../support/opened.js";
import { button, settle } from "../support/page.js";
import { wireJob, wireSnapshot } from "../support/wire.js";
import { wireCanary, wireFailures, wireGroup } from "../support/wire_failures.js";

const open = pageOpener();
const view = async (failures, more = {}) => {
	const { answers, query = {}, ...rest } = more;
	const page = await open({
		start: { path: ["failures"], query },
		answers: { failures, ...answers },
		...rest,
	});
	return { ...page, main: page.wrapper.find("main") };
};
const posted = (host, name) => host.post.mock.calls.filter(([called]) => called === name);

describe("failures", () => {
	it("are counted, all of them, by their cause", async () => {
		const { main } = await view(wireFailures());
		expect(main.text()).toContain("712 failures with one cause");
		expect(main.find(".jc-group-count").text()).toBe("712 ×");
		expect(main.text()).toMatch(/NoStock\s*shop\.stock\.sync\s*no stock of …/);
		expect(main.text()).toContain("shop/stock.py in sync");
		expect(main.find(".jc-spark").attributes("aria-label")).toBe(
			"712 of them failed in the last 24 h",
		);
		expect(main.find(".jc-group-when").text()).toMatch(/60 s ago\s*first\s*24 h ago/);
	});

	it("that were not all gone through are least numbers", async () => {
		const { main } = await view(wireFailures({ whole: false, failed: 90_000 }));
		expect(main.text()).toContain(
			"At least 712 failures; 90,000 failed jobs are being gone through",
		);
		expect(main.find(".jc-group-count").text()).toBe("at least 712 ×");
	});

	it("that are none say so", async () => {
		const { main } = await view(wireFailures({ groups: [] }));
		expect(main.text()).toContain("Nothing has failed.");
	});

	it("are asked for as the address says", async () => {
		const query = { queue: "bench:short", method: "sync", order: "last", page: "2" };
		const { host } = await view(wireFailures({ page: 2 }), { query });
		expect(host.call).toHaveBeenCalledWith("failures", { ...query, page: 2, size: 50 });
	});

	it("do not move under the pointer: new ones wait until they are asked for", async () => {
		let answer = wireFailures();
		const { main } = await view(() => answer);
		await main
			.find(".jc-failures-summary")
			.element.parentElement.dispatchEvent(new Event("pointerenter"));
		answer = wireFailures({ groups: [wireGroup({ group: "f".repeat(16), count: 900 })] });
		await vi.advanceTimersByTimeAsync(5000);
		await settle();
		expect(main.find(".jc-group").text()).toContain("None of them is failed any more.");
		await button(main, "1 new").trigger("click");
		expect(main.findAll(".jc-group").length).toBe(1);
		expect(main.find(".jc-group-count").text()).toBe("900 ×");
	});

	it("tell whose they are and what they are about, with their jobs", async () => {
		const jobs = { total: 712, page: 1, size: 20, approximate: false, by_expiry: false };
		const docUrl = (doctype, name) => `/app/${doctype}/${name}`;
		const { main, host } = await view(wireFailures(), {
			answers: { failure_jobs: { ...jobs, jobs: [wireJob({ status: "failed" })] } },
			hooks: { docUrl },
			query: { queue: "bench:short" },
		});
		await main.find(".jc-group-open").trigger("click");
		await settle();
		expect(main.text()).toMatch(/mia@example\.com\s*90 ×/);
		expect(main.text()).toContain("Of the newest 100");
		expect(main.find("a[href='/app/Item/SHIRT-42']").text()).toBe("Item SHIRT-42");
		expect(host.call).toHaveBeenCalledWith("failure_jobs", {
			group: "5f0c2b7d91ae4c33",
			queue: "bench:short",
			page: 1,
			size: 20,
		});
		expect(main.text()).toContain("712 jobs");
		await button(main, "Next").trigger("click");
		await settle();
		expect(host.call.mock.calls.at(-1)[1]).toMatchObject({ page: 2 });
	});
});

describe("the retry of a group", () => {
	it("asks how, and begins with one when they are many", async () => {
		const { main, host } = await view(wireFailures(), {
			answers: { retry_group: { canary: wireCanary() } },
		});
		await button(main, "Retry…").trigger("click");
		await settle();
		const [{ title, fields }] = host.ask.mock.calls[0];
		expect(title).toBe("Retry 712 jobs: shop.stock.sync");
		expect(fields[0].options.map((option) => option.value)).toEqual(["canary", "all"]);
		expect(posted(host, "retry_group")[0][1]).toEqual({
			group: "5f0c2b7d91ae4c33",
			canary: true,
			rate: 60,
			stop_at: 3,
			reason: "because",
		});
		expect(host.notify).toHaveBeenCalledWith("One of 712 jobs is tried first.", "blue");
	});

	it("of a few is of all at once, unless somebody says otherwise", async () => {
		const results = [1, 2].map((n) => ({ job_id: `j${n}`, ok: true }));
		const { main, host } = await view(wireFailures({ groups: [wireGroup({ count: 2 })] }), {
			answers: { retry_group: { results } },
		});
		await button(main, "Retry…").trigger("click");
		await settle();
		expect(posted(host, "retry_group")[0][1].canary).toBe(false);
		expect(host.notify).toHaveBeenCalledWith("2 jobs put back in its lane.", "green");
	});

	it("of very many is never of all at once", async () => {
		const { main, host } = await view(wireFailures({ groups: [wireGroup({ count: 1001 })] }));
		await button(main, "Retry…").trigger("click");
		await settle();
		expect(host.ask.mock.calls[0][0].fields[0].options.length).toBe(1);
	});

	it("that is not answered is none", async () => {
		const { main, host } = await view(wireFailures(), { hooks: { ask: async () => null } });
		await button(main, "Retry…").trigger("click");
		await settle();
		expect(host.post).not.toHaveBeenCalled();
	});

	it("says what went wrong", async () => {
		const { main, host } = await view(wireFailures(), {
			answers: {
				retry_group: () => {
					throw new Error("This group is being retried already.");
				},
			},
		});
		await button(main, "Retry…").trigger("click");
		await settle();
		expect(host.notify).toHaveBeenCalledWith("This group is being retried already.", "red");
	});

	it("is not offered to who may only read", async () => {
		const { main } = await view(wireFailures({ canaries: [wireCanary()] }), {
			answers: { snapshot: wireSnapshot({ read_only: true }) },
		});
		expect(button(main, "Retry…")).toBeUndefined();
		expect(button(main, "End the retry")).toBeUndefined();
	});
});

describe("a canary", () => {
	const said = async (change) => {
		const { main } = await view(wireFailures({ canaries: [wireCanary(change)] }));
		return main.find(".jc-canary").text();
	};

	it("says how far it is", async () => {
		expect(await said({})).toContain("One of 712 is tried first.");
		const going = { state: "releasing", released: 41, well: 39, failed: 1, left: 671 };
		expect(await said(going)).toContain(
			"The first ended well. 41 of 712 retried, 60 a minute: 39 well, 1 failed.",
		);
	});

	it("says how it ended", async () => {
		const stopped = { state: "stopped", well: 39, failed: 3, left: 670, error: "E: no" };
		expect(await said(stopped)).toMatch(
			/3 failed again. 39 ended well, 670 stay failed.*E: no/,
		);
		expect(await said({ state: "done", released: 712, well: 711, failed: 1 })).toContain(
			"All 712 were retried: 711 ended well, 1 failed again.",
		);
		expect(await said({ state: "canceled", well: 39, left: 671 })).toContain(
			"Ended by somebody. 39 ended well, 671 stay failed.",
		);
	});

	it("is ended by who wants it, and then no other button lies in wait", async () => {
		const { main, host } = await view(wireFailures({ canaries: [wireCanary()] }), {
			answers: { cancel_canary: { canary: wireCanary({ state: "canceled" }) } },
		});
		expect(button(main, "Retry…").attributes("disabled")).toBeDefined();
		await button(main, "End the retry").trigger("click");
		await settle();
		expect(posted(host, "cancel_canary")[0][1]).toEqual({
			canary: "5f0c2b7d91ae4c33@",
			reason: "because",
		});
	});

	it("whose group is empty stands by itself, for a while", async () => {
		const done = { state: "done", released: 712, well: 712 };
		const alone = wireFailures({ groups: [], canaries: [wireCanary(done)] });
		const { main } = await view(alone);
		expect(main.find("section[aria-label='Retries']").text()).toContain("shop.stock.sync");
	});

	it("that ended long ago is history", async () => {
		const done = { state: "done", changed_at: "2026-11-23T15:00:00Z" };
		const { main } = await view(wireFailures({ groups: [], canaries: [wireCanary(done)] }));
		expect(main.find(".jc-canary").exists()).toBe(false);
	});
});
