import { describe, expect, it, vi } from "vitest";
import { mountPage, settle } from "../../support/page.js";
import { wireDetail, wireSnapshot } from "../../support/wire.js";

const frame = (name) => ({ file: `/home/x/apps/shop/shop/${name}.py`, line: 7, function: name });
const ANSWER = {
	job_id: "x",
	problem: "",
	samples: 90,
	for_s: 5,
	cpu_s: 4,
	unseen_s: 1,
	stacks: [
		{ seconds: 3, frames: [frame("read"), frame("run")] },
		{ seconds: 1, frames: [frame("write"), frame("run")] },
	],
};

async function drawer(profile, status = "started") {
	const { wrapper, host } = await mountPage({
		answers: { show: wireDetail({ status }), explain: { because: [] }, profile },
		start: { path: ["jobs"], query: { job: "x" } },
	});
	await settle();
	return { wrapper, host, section: () => wrapper.find(".jc-profile") };
}

describe("where a running job's time goes", () => {
	it("is sampled only when somebody wants to know, and told by share", async () => {
		const { wrapper, host, section } = await drawer(ANSWER);
		expect(host.call).not.toHaveBeenCalledWith("profile", expect.anything());
		await section().find("button").trigger("click");
		await settle();
		expect(host.call).toHaveBeenCalledWith("profile", { job_id: wireDetail().id });
		expect(section().text()).toContain("read 90 times in 5 s; it used 80% of a processor");
		expect(section().text()).toContain("1 s of that nobody knows");
		const rows = section()
			.findAll("li")
			.map((row) => row.text());
		expect(rows).toEqual([
			expect.stringContaining("100%run"),
			expect.stringContaining("75%read shop/shop/read.py:7"),
			expect.stringContaining("25%write"),
		]);
		wrapper.unmount();
	});

	it("says why there is none, and is not offered for what does not run", async () => {
		const problem = "Its host is just sampling a job: ask again in some seconds.";
		const { wrapper, section } = await drawer({ ...ANSWER, problem, stacks: [] });
		await section().find("button").trigger("click");
		await settle();
		expect(section().find("[role=alert]").text()).toBe(problem);
		expect(section().find("ol").exists()).toBe(false);
		wrapper.unmount();
		const queued = await drawer(ANSWER, "queued");
		expect(queued.section().exists()).toBe(false);
		queued.wrapper.unmount();
	});

	it("keeps what was seen of a job that ends meanwhile, and says so", async () => {
		const answers = { show: wireDetail({ status: "started" }), explain: { because: [] } };
		answers.snapshot = () => wireSnapshot({ at: new Date().toISOString() });
		answers.profile = () => {
			answers.show = wireDetail({ status: "finished" });
			return { ...ANSWER, samples: 1 };
		};
		const start = { path: ["jobs"], query: { job: "x" } };
		const { wrapper, host } = await mountPage({ answers, start });
		await settle();
		await wrapper.find(".jc-profile button").trigger("click");
		await settle();
		expect(wrapper.find(".jc-profile").text()).not.toContain("It has ended since.");
		host.emit("changed");
		await vi.waitFor(() => expect(wrapper.find(".jc-where").exists()).toBe(false));
		const section = wrapper.find(".jc-profile");
		expect(section.text()).toContain("read once in 5 s");
		expect(section.text()).toContain("It has ended since.");
		expect(section.findAll("li")).toHaveLength(3);
		expect(section.find("button").exists()).toBe(false);
		wrapper.unmount();
	});
});
