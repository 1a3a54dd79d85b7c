import { describe, expect, it, vi } from "vitest";
import { pageOpener } from "../../support/opened.js";
import { button, settle } from "../../support/page.js";
import { busyLane, wireSnapshot, wireWarning } from "../../support/wire.js";

const open = pageOpener();

describe("warnings", () => {
	const snapshot = wireSnapshot({
		health: { verdict: "critical", reasons: [] },
		warnings: [wireWarning()],
	});

	it("say what is wrong, and why on demand", async () => {
		const { wrapper } = await open({ answers: { snapshot } });
		expect(wrapper.find("h2").text()).toBe("1 thing needs you.");
		const warning = wrapper.find(".jc-warning");
		expect(warning.text()).toContain("Critical:");
		expect(warning.text()).toContain("Email pull has not run for 17 h.");
		expect(warning.find(".jc-evidence").exists()).toBe(false);
		await button(warning, "Why?").trigger("click");
		expect(warning.find(".jc-evidence").text()).toContain("last heartbeat");
		expect(warning.find(".jc-evidence").text()).toContain("It waits again.");
	});

	it("offer their remedy, which is done with a reason and told to everybody", async () => {
		const { wrapper, host } = await open({ answers: { snapshot } });
		await button(wrapper, "Free it").trigger("click");
		await settle();
		expect(host.act.mock.calls[0][0]).toMatchObject({ action: "requeue", reason: "because" });
		expect(wrapper.find("[aria-live=polite].jc-sr").text()).toContain("put back");
	});

	it("are mended where that is safe, after a look at what it would do", async () => {
		const remedies = [{ action: "requeue", label: "Put it back", safe: true, explain: "" }];
		const step = {
			code: "ghost_started",
			job_id: "shop.example.com||abc",
			queue: "bench:short",
			action: "requeue",
			label: "Put it back",
			ok: true,
			reason: "It runs for the first time.",
		};
		const gone = { ...step, code: "in_limbo", job_id: "x", ok: false, reason: "It runs." };
		const mend = ({ dry_run }) =>
			dry_run
				? { results: [step], left: [wireWarning({ job_id: "b" })] }
				: { results: [{ ...step, reason: "" }, gone], left: [] };
		let warnings = [wireWarning({ remedies }), wireWarning({ job_id: "b" })];
		const { wrapper, host } = await open({
			answers: { snapshot: () => wireSnapshot({ warnings }), mend },
		});
		await button(wrapper, "Mend what is safe (1)").trigger("click");
		await settle();
		const dialog = wrapper.find("dialog.jc-mend");
		expect(host.post.mock.calls).toEqual([["mend", { dry_run: true }]]);
		expect(dialog.text()).toContain("Email pull has not run for 17 h.");
		expect(dialog.text()).toContain("Put it back. It runs for the first time.");
		expect(dialog.text()).toContain("1 more warning needs somebody to decide.");
		warnings = [];
		await button(dialog, "Mend 1").trigger("click");
		await vi.advanceTimersByTimeAsync(1500);
		expect(wrapper.find(".jc-warning").exists()).toBe(false);
		expect(host.post.mock.lastCall).toEqual(["mend", { dry_run: false }]);
		expect(dialog.text()).toContain("1 of 2 mended.");
		expect(dialog.text()).toContain("Put it back. It runs.");
	});

	it("that fail to be mended say why", async () => {
		const remedies = [{ action: "requeue", label: "Put it back", safe: true, explain: "" }];
		const mend = () => {
			throw new Error("Redis is gone.");
		};
		const { wrapper } = await open({
			answers: {
				snapshot: wireSnapshot({ warnings: [wireWarning({ remedies })] }),
				mend,
			},
		});
		await button(wrapper, "Mend what is safe").trigger("click");
		await settle();
		expect(wrapper.find("dialog.jc-mend").text()).toContain("Redis is gone.");
	});

	it("offer nothing to who may only read", async () => {
		const { wrapper } = await open({
			answers: { snapshot: { ...snapshot, read_only: true, queues: [busyLane] } },
		});
		expect(button(wrapper, "Free it")).toBeUndefined();
		expect(button(wrapper, "Stop")).toBeUndefined();
		expect(button(wrapper, "Why?")).toBeDefined();
	});
});
