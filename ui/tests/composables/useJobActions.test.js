import { describe, expect, it, vi } from "vitest";
import { createApi } from "@/services/api.js";
import { toJob } from "@/services/wire/jobs.js";
import { toWarning } from "@/services/wire/warnings.js";
import { fakeHost } from "../support/page.js";
import { wireJob, wireWarning } from "../support/wire.js";
import { UNDO_MS, useJobActions } from "@/composables/useJobActions.js";

const LANES = [
	{ name: "bench:short", label: "short" },
	{ name: "bench:long", label: "long" },
];

function setUp(options) {
	const host = fakeHost(options);
	const feed = { refresh: vi.fn() };
	const actions = useJobActions({ host, feed, api: createApi(host), lanes: () => LANES });
	return { host, feed, actions };
}

const failed = (id) => toJob(wireJob({ id, status: "failed", actions: ["retry", "delete"] }));
const queued = toJob(wireJob());

describe("an action", () => {
	it("that can be done again goes ahead, and tells what really happened", async () => {
		const { host, feed, actions } = setUp();
		await actions.run("retry", [failed("a")]);
		expect(host.confirm).not.toHaveBeenCalled();
		expect(host.act).toHaveBeenCalledWith({ action: "retry", job_ids: ["a"] });
		expect(host.notify).toHaveBeenCalledWith("1 job put back in its lane.", "green");
		expect(feed.refresh).toHaveBeenCalled();
	});

	it("that may do work twice says so and asks why, also for one among many", async () => {
		const { host, actions } = setUp();
		const unsafe = { ...failed("a"), repeat: "unsafe" };
		await actions.run("retry", [unsafe]);
		expect(host.ask.mock.calls[0][0]).toMatchObject({
			title: "Retry: sync_stock",
			danger: true,
			message: expect.stringContaining("not safe to repeat"),
			fields: [expect.objectContaining({ name: "reason" })],
		});
		expect(host.act).toHaveBeenCalledWith({
			action: "retry",
			job_ids: ["a"],
			reason: "because",
		});
		await actions.run("retry", [unsafe, failed("b")]);
		expect(host.ask.mock.calls[1][0].message).toContain("1 of them are not safe to repeat");
		host.ask.mockResolvedValue(null);
		expect(await actions.run("retry", [unsafe])).toBeNull();
		expect(host.act).toHaveBeenCalledTimes(2);
	});

	it("that destroys asks first, in words, and a no is a no", async () => {
		const { host, actions } = setUp();
		host.confirm.mockResolvedValue(false);
		expect(await actions.run("delete", [failed("a")])).toBeNull();
		expect(host.confirm.mock.calls[0][0]).toMatchObject({
			title: "Delete: sync_stock",
			danger: true,
			message: expect.stringContaining("for good"),
		});
		expect(host.act).not.toHaveBeenCalled();
	});

	it("on many asks with their number", async () => {
		const { host, actions } = setUp();
		await actions.run("retry", [failed("a"), failed("b")]);
		expect(host.confirm.mock.calls[0][0].title).toBe("Retry: 2 jobs");
	});

	it("goes only to the jobs whose state allows it", async () => {
		const { host, actions } = setUp();
		await actions.run("retry", [failed("a"), queued]);
		expect(host.act.mock.calls[0][0].job_ids).toEqual(["a"]);
	});

	it("that no job allows is refused without asking anybody", async () => {
		const { host, actions } = setUp();
		await actions.run("stop", [queued]);
		expect(host.act).not.toHaveBeenCalled();
		expect(host.notify.mock.calls[0][1]).toBe("orange");
	});

	it("keeps what was not done, job by job", async () => {
		const results = [
			{ job_id: "a", ok: true },
			{ job_id: "b", ok: false, reason: "It runs already." },
		];
		const { actions } = setUp({ act: async () => ({ results }) });
		await actions.run("retry", [failed("a"), failed("b")]);
		expect(actions.outcome.value.refused).toMatchObject([
			{ jobId: "b", reason: "It runs already." },
		]);
	});

	it("that fails as a whole says so and frees the buttons", async () => {
		const { host, actions } = setUp({
			act: async () => {
				throw new Error("Redis is gone");
			},
		});
		await actions.run("retry", [failed("a")]);
		expect(host.notify).toHaveBeenCalledWith("Redis is gone", "red");
		expect(actions.running.value).toBeNull();
	});

	it("that is canceled from its lane goes at once, and can be undone for a while", async () => {
		vi.useFakeTimers();
		const results = [{ job_id: queued.id, ok: true, state_before: "queued" }];
		const { host, actions } = setUp({ act: async () => ({ results }) });
		const close = vi.fn();
		host.notify.mockReturnValue(close);
		await actions.run("cancel", [queued]);
		expect(host.confirm).not.toHaveBeenCalled();
		const [text, color, offer] = host.notify.mock.lastCall;
		expect([text, color]).toEqual([
			"1 job canceled. Undo puts it back at the end of its lane.",
			"green",
		]);
		expect(offer).toMatchObject({ label: "Undo", seconds: 10 });
		await offer.run();
		expect(host.act.mock.lastCall[0]).toEqual({ action: "retry", job_ids: [queued.id] });
		expect(close).toHaveBeenCalled();
		expect(offer.run()).toBeNull();

		await actions.run("cancel", [queued]);
		await vi.advanceTimersByTimeAsync(UNDO_MS);
		expect(actions.undo()).toBeNull();
		expect(host.act).toHaveBeenCalledTimes(3);
		vi.useRealTimers();
	});

	it("on many cancels at once too, and undoes what was really canceled", async () => {
		const results = [
			{ job_id: "a", ok: true, state_before: "queued" },
			{ job_id: "b", ok: false, state_before: "started", reason: "It runs." },
			{ job_id: "c", ok: true, state_before: "queued" },
		];
		const { host, actions } = setUp({ act: async () => ({ results }) });
		await actions.run(
			"cancel",
			["a", "b", "c"].map((id) => ({ ...queued, id })),
		);
		expect(host.confirm).not.toHaveBeenCalled();
		expect(host.notify.mock.lastCall[0]).toContain("Undo puts them back");
		await actions.undo();
		expect(host.act.mock.lastCall[0].job_ids).toEqual(["a", "c"]);
	});

	it("that cancels what has no lane to go back to asks, and offers no undo", async () => {
		const results = [{ job_id: "a", ok: true, state_before: "scheduled" }];
		const { host, actions } = setUp({ act: async () => ({ results }) });
		const scheduled = { ...queued, id: "a", status: "scheduled" };
		await actions.run("cancel", [scheduled]);
		expect(host.confirm).toHaveBeenCalled();
		expect(host.notify).toHaveBeenCalledWith("1 job canceled.", "green");
		expect(actions.undo()).toBeNull();
	});

	it("that moves asks for the lane, and not for the one it is in", async () => {
		const { host, actions } = setUp();
		host.ask.mockResolvedValue({ to: "bench:long" });
		await actions.run("move", [queued]);
		expect(host.ask.mock.calls[0][0].fields[0].options).toEqual([
			{ value: "bench:long", label: "long" },
		]);
		expect(host.act.mock.calls[0][0]).toMatchObject({ action: "move", to: "bench:long" });
	});
});

describe("a remedy", () => {
	it("that is not safe wants a reason", async () => {
		const { host, actions } = setUp();
		const warning = toWarning(wireWarning());
		await actions.remedy(warning, warning.remedies[0]);
		expect(host.ask.mock.calls[0][0]).toMatchObject({
			title: "Free it",
			message: "It waits again.",
			fields: [{ name: "reason" }],
		});
		expect(host.act).toHaveBeenCalledWith({
			action: "requeue",
			job_ids: ["shop.example.com||abc"],
			queue: "bench:short",
			reason: "because",
		});
	});

	it("that stops a run names the run", async () => {
		const { host, actions } = setUp();
		const remedies = [{ action: "stop", label: "Stop it", safe: false, explain: "x" }];
		const evidence = { started_at: "2026-11-23T16:40:00+00:00" };
		await actions.remedy(toWarning(wireWarning({ evidence, remedies })), remedies[0]);
		expect(host.act.mock.calls[0][0]).toMatchObject({ action: "stop", ...evidence });
	});

	it("without a reason is not done", async () => {
		const { host, actions } = setUp();
		host.ask.mockResolvedValue(null);
		const warning = toWarning(wireWarning());
		await actions.remedy(warning, warning.remedies[0]);
		expect(host.act).not.toHaveBeenCalled();
	});

	it("of a warning about many jobs is done to all of them", async () => {
		const { host, actions } = setUp();
		const remedies = [{ action: "free", label: "Free them", safe: true, explain: "x" }];
		const warning = toWarning(wireWarning({ id: "w1", remedies, evidence: { count: 9 } }));
		await actions.remedy(warning, remedies[0]);
		expect(host.post).toHaveBeenCalledWith("remedy", { warning: "w1", action: "free" });
		expect(host.act).not.toHaveBeenCalled();
	});

	it.each(["requeue", "fail", "free", "clear", "resume"])(
		"that is safe is done at once: %s",
		async (action) => {
			const { host, actions } = setUp();
			const remedies = [{ action, label: "Do it", safe: true, explain: "x" }];
			const warning = toWarning(wireWarning({ job_id: null, queue: null, remedies }));
			await actions.remedy(warning, remedies[0]);
			expect(host.ask).not.toHaveBeenCalled();
			expect(host.confirm).not.toHaveBeenCalled();
			expect(host.act).toHaveBeenCalledWith({ action });
		},
	);
});
