import { describe, expect, it } from "vitest";
import { mountPage, settle } from "../../support/page.js";
import { wireDetail } from "../../support/wire.js";

const PLACE = { file: "/home/x/apps/shop/shop/stock.py", line: 88, function: "pull" };
const ANSWER = {
	verdict: "waiting",
	text: "It has not moved from stock.py:88 (pull) for 4 min: it waits for a socket (10.0.0.3:80).",
	place: PLACE,
	process: {
		cpu_s: 3.1,
		cpu_share: 0,
		memory_bytes: 120e6,
		peak_memory_bytes: 1.9e9,
		threads: 2,
	},
	stacks: [
		{
			main: true,
			frames: [{ file: "/usr/lib/socket.py", line: 706, function: "readinto" }, PLACE],
		},
		{ main: false, frames: [{ file: "/usr/lib/threading.py", line: 1, function: "wait" }] },
	],
	at: "2026-01-02T03:04:05Z",
};

async function drawer(where, status = "started") {
	const { wrapper, host } = await mountPage({
		answers: { show: wireDetail({ status }), explain: { because: [] }, where },
		start: { path: ["jobs"], query: { job: "x" } },
	});
	await settle();
	return { wrapper, host, section: () => wrapper.find(".jc-where") };
}

describe("where a running job is", () => {
	it("asks only when somebody wants to know", async () => {
		const { wrapper, host, section } = await drawer(ANSWER);
		expect(host.call).not.toHaveBeenCalledWith("where", expect.anything());
		await section().find("button").trigger("click");
		await settle();
		expect(host.call).toHaveBeenCalledWith("where", { job_id: wireDetail().id });
		const text = section().text();
		expect(text).toContain("Waiting");
		expect(text).toContain("has not moved from stock.py:88");
		expect(text).toContain("0% of a processor");
		expect(section().find(".jc-frame-place").text()).toContain("shop/shop/stock.py:88 pull");
		expect(section().findAll(".jc-frames")).toHaveLength(1);
		await section().find(".jc-where-others").trigger("click");
		expect(section().findAll(".jc-frames")).toHaveLength(2);
		wrapper.unmount();
	});

	it("shows the C code that its Python code is in", async () => {
		const native = [{ function: "sre_ucs1_match", library: "libpython3.11.so.1.0" }];
		const { wrapper, section } = await drawer({ ...ANSWER, native });
		await section().find("button").trigger("click");
		await settle();
		const lines = section()
			.findAll(".jc-frames li")
			.map((line) => line.text());
		expect(lines[0]).toBe("libpython3.11.so.1.0 sre_ucs1_match");
		expect(lines).toHaveLength(3);
		wrapper.unmount();
	});

	it("says why nobody knows", async () => {
		const text = "Nobody on its host, app-2, answers: the host is gone, or too busy.";
		const { wrapper, section } = await drawer({ verdict: "unknown", text, stacks: [] });
		await section().find("button").trigger("click");
		await settle();
		expect(section().text()).toContain(text);
		expect(section().text()).toContain("Not known");
		wrapper.unmount();
	});

	it("tells of a failed question, and asks again", async () => {
		let answer = () => Promise.reject(new Error("Redis does not answer."));
		const { wrapper, section } = await drawer(() => answer());
		await section().find("button").trigger("click");
		await settle();
		expect(section().find("[role=alert]").text()).toBe("Redis does not answer.");
		answer = () => ANSWER;
		await section().find("button").trigger("click");
		await settle();
		expect(section().find("[role=alert]").exists()).toBe(false);
		wrapper.unmount();
	});

	it("is not there for what does not run", async () => {
		const { wrapper, section } = await drawer(ANSWER, "failed");
		expect(section().exists()).toBe(false);
		wrapper.unmount();
	});
});
