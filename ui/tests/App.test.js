import { describe, expect, it, vi } from "vitest";
import { pageOpener, press } from "./support/opened.js";
import { button, settle } from "./support/page.js";
import { busyLane, wireDetail, wireJob, wireSnapshot } from "./support/wire.js";

const open = pageOpener();

describe("a broken bench", () => {
	it("keeps the last snapshot, dimmed, with what is broken and since when", async () => {
		let down = false;
		const { wrapper } = await open({
			answers: {
				snapshot() {
					if (down) throw Object.assign(new Error("Redis is gone."), { type: "X" });
					return wireSnapshot({ queues: [busyLane] });
				},
			},
		});
		down = true;
		await vi.advanceTimersByTimeAsync(5000);
		const alert = wrapper.find("[role=alert]");
		expect(alert.text()).toContain("Redis is gone.");
		expect(alert.text()).toContain("What was seen last stays");
		expect(wrapper.find(".jc-dimmed .jc-lane").exists()).toBe(true);
		expect(wrapper.find(".jc-pace > span").text()).toBe("Trying again");
		down = false;
		await vi.advanceTimersByTimeAsync(2000);
		expect(wrapper.find("[role=alert]").exists()).toBe(false);
		expect(wrapper.find(".jc-dimmed").exists()).toBe(false);
		expect(wrapper.find(".jc-pace > span").text()).not.toBe("Trying again");
	});
});

describe("the keyboard", () => {
	it("walks the rows, opens one, and acts on it", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busyLane] }), show: wireDetail() },
		});
		await press("j");
		expect(document.activeElement.dataset.jcRow).toBe("run");
		await press("s", document.activeElement);
		expect(host.confirm).toHaveBeenCalled();
		expect(host.act.mock.calls[0][0]).toEqual({ action: "stop", job_ids: ["run"] });
		await press("j", document.activeElement);
		expect(document.activeElement.dataset.jcRow).toBe("next");
		await press("Enter", document.activeElement);
		expect(wrapper.find("[role=dialog]").exists()).toBe(true);
	});

	it("finds the search box, and leaves typing alone", async () => {
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ queues: [busyLane] }) },
		});
		await press("/");
		const input = wrapper.find("[data-jc-search]");
		expect(document.activeElement).toBe(input.element);
		await press("s", input.element);
		expect(host.act).not.toHaveBeenCalled();
	});
});

describe("the jobs view", () => {
	it("asks for what its address says, and acts on what is ticked", async () => {
		const failed = (id) =>
			wireJob({
				id,
				status: "failed",
				actions: ["retry"],
				error: { type: "E", message: "" },
			});
		const { wrapper, host } = await open({
			start: { path: ["jobs"], query: { status: "failed", page: "2" } },
			answers: { jobs: { total: 22, page: 2, size: 20, jobs: [failed("a"), failed("b")] } },
		});
		expect(host.call).toHaveBeenCalledWith("jobs", { q: "status:failed", page: 2, size: 20 });
		await wrapper.find(".jc-bulk-all input").trigger("change");
		await button(wrapper.find(".jc-bulk"), "Retry").trigger("click");
		await settle();
		expect(host.act.mock.calls[0][0].job_ids).toEqual(["a", "b"]);
	});

	it("searches slice by slice for what cannot be listed", async () => {
		const { wrapper, host } = await open({
			start: { path: ["jobs"], query: { text: "SINV" } },
			answers: {
				search: ({ cursor }) => ({
					jobs: [wireJob({ id: cursor || "first" })],
					cursor: cursor ? null : "2",
					scanned: cursor ? 100 : 50,
					of: 100,
				}),
			},
		});
		await settle();
		expect(host.call).toHaveBeenCalledWith("search", { q: "SINV" });
		expect(wrapper.findAll(".jc-job")).toHaveLength(2);
		expect(wrapper.text()).toContain("2 found, searched 100 of 100");
	});
});

it("tells the tab how many things ask, and says nothing there when it is gone", async () => {
	const { wrapper, host } = await open({ answers: { snapshot: wireSnapshot() } });
	expect(host.showInTab).toHaveBeenLastCalledWith(0, "green");
	wrapper.unmount();
	expect(host.showInTab).toHaveBeenLastCalledWith(0, "quiet");
});

it.each(["jobs", "failures", "schedule", "locks", "incidents", "audit"])(
	"says once what is wrong with the bench, where nothing of /%s was seen yet",
	async (view) => {
		const away = () => {
			throw Object.assign(new Error("Redis is gone."), { type: "RedisUnavailable" });
		};
		const calls = ["snapshot", "jobs", "failures", "schedule", "locks", "open_incidents"];
		const { wrapper } = await open({
			start: { path: [view], query: {} },
			answers: Object.fromEntries([...calls, "audit"].map((call) => [call, away])),
		});
		expect(wrapper.text().split("Redis is gone.")).toHaveLength(2);
		expect(wrapper.find("main").text()).toContain("This view has not been seen yet.");
	},
);
