import { afterEach, describe, expect, it, vi } from "vitest";
import { mountPage, settle } from "../../support/page.js";
import { wireDetail } from "../../support/wire.js";

const BEGUN = "2026-11-30T21:04:00Z";
const entry = (text, level = "", source = "stdout") => ({
	at: "2026-11-30T21:04:07.120Z",
	level,
	source,
	text,
});
const log = (...entries) => ({ job_id: "x", status: "started", notes: [], entries });

async function drawer(answer, status = "started", endedAt = null) {
	const { wrapper, host } = await mountPage({
		answers: {
			show: wireDetail({ status, started_at: BEGUN, ended_at: endedAt }),
			explain: { because: [] },
			log: answer,
		},
		start: { path: ["jobs"], query: { job: "x" } },
	});
	await settle();
	return { wrapper, host, section: () => wrapper.find(".jc-log") };
}

const asked = (host) => host.call.mock.calls.filter(([name]) => name === "log").length;

afterEach(() => vi.useRealTimers());

describe("what a job printed and logged", () => {
	it("is told line by line, with its level in words", async () => {
		const { wrapper, host, section } = await drawer(
			log(entry("<b>half</b>\n  way"), entry("no bin", "error", "shop.stock")),
		);
		expect(host.call).toHaveBeenCalledWith("log", { job_id: wireDetail().id });
		const [printed, logged] = section().findAll(".jc-log-line");
		expect(printed.find("bdi").element.textContent).toBe("<b>half</b>\n  way");
		expect(printed.text()).toContain("stdout");
		expect(logged.text()).toContain("ERROR");
		expect(logged.classes()).toContain("jc-red-text");
		await section().find("button").trigger("click");
		expect(host.copy.mock.calls[0][0]).toMatch(
			/stdout <b>half<\/b>\n {2}way\n.* ERROR shop.stock no bin$/,
		);
		wrapper.unmount();
	});

	it("goes on while the job runs, and no longer", async () => {
		vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
		let answer = log(entry("one"));
		const { wrapper, host } = await drawer(() => answer);
		answer = log(entry("one"), entry("two"));
		vi.advanceTimersByTime(1500);
		await settle();
		expect(wrapper.findAll(".jc-log-line")).toHaveLength(2);
		expect(asked(host)).toBe(2);
		wrapper.unmount();
		const ended = await drawer(answer, "failed");
		vi.advanceTimersByTime(6000);
		await settle();
		expect(asked(ended.host)).toBe(1);
		ended.wrapper.unmount();
	});

	it("is asked for yet when a job has just ended, until its host has told what a killed one said last", async () => {
		vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
		let answer = log();
		const { wrapper, section } = await drawer(
			() => answer,
			"failed",
			new Date().toISOString(),
		);
		expect(section().exists()).toBe(false);
		answer = log(entry("last words"));
		vi.advanceTimersByTime(1500);
		await settle();
		expect(section().text()).toContain("last words");
		wrapper.unmount();
	});

	it("is not there for a job that has said nothing, and says so while it runs", async () => {
		const nothing = { ...log(), notes: ["It has printed and logged nothing up to now."] };
		const running = await drawer(nothing);
		expect(running.section().text()).toContain("nothing up to now");
		expect(running.section().find(".jc-log-lines").exists()).toBe(false);
		running.wrapper.unmount();
		const ended = await drawer({ ...nothing, status: "finished" }, "finished");
		expect(ended.section().exists()).toBe(false);
		ended.wrapper.unmount();
	});

	it("says what it is, and what is missing", async () => {
		const notes = ["This is what it had printed up to its death.", "The first 5 kB were cut."];
		const { wrapper, section } = await drawer({ ...log(entry("last")), notes }, "failed");
		for (const note of notes) expect(section().text()).toContain(note);
		wrapper.unmount();
	});
});
