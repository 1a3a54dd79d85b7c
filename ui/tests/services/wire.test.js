import { describe, expect, it, vi } from "vitest";
import { createApi } from "@/services/api.js";
import { toJob, toJobDetail } from "@/services/wire/jobs.js";
import { toSnapshot } from "@/services/wire/snapshot.js";
import { toDate } from "@/services/wire/time.js";
import { toExplanation, toWarning } from "@/services/wire/warnings.js";
import { wireDetail, wireJob, wireLane, wireSnapshot, wireWarning } from "../support/wire.js";

describe("the wire", () => {
	it("gives times as Dates and nothing as null", () => {
		expect(toDate("2026-11-23T16:40:00.123456Z").toISOString()).toBe(
			"2026-11-23T16:40:00.123Z",
		);
		expect(toDate(null)).toBeNull();
		expect(toDate("rubbish")).toBeNull();
	});
	it("gives a job that has a name whatever is missing", () => {
		expect(toJob(wireJob({ label: "", method: null })).label).toBe("shop.example.com||abc");
		expect(toJob(wireJob({ actions: undefined, arguments: null }))).toMatchObject({
			actions: [],
			arguments: {},
		});
	});
	it("gives an unknown number as null, never as 0", () => {
		const snapshot = toSnapshot(wireSnapshot({ redis: null, queues: [wireLane()] }));
		expect(snapshot.redis.usedBytes).toBeNull();
		expect(snapshot.lanes[0].oldestWaitS).toBeNull();
		expect(toSnapshot(wireSnapshot({ read_only: true })).readOnly).toBe(true);
	});
	it("gives a job in detail with its warnings", () => {
		const job = toJobDetail(
			wireDetail({ warnings: [wireWarning()], expires_at: "2026-11-30T00:00:00Z" }),
		);
		expect(job.warnings[0].jobId).toBe("shop.example.com||abc");
		expect(job.timeline[0].at).toBeInstanceOf(Date);
		expect(job.expiresAt.getUTCDate()).toBe(30);
	});
	it("gives reasons with their facts, and without them", () => {
		const remedy = { action: "resume", label: "Resume", safe: true, explain: "" };
		const front = { action: "front", label: "Run next", safe: true, explain: "" };
		const cause = {
			text: "The bench is suspended since 5 s.",
			brief: "The bench is suspended.",
			evidence: { a: 1 },
			remedies: [remedy],
		};
		const explanation = toExplanation({
			because: ["The bench is suspended."],
			details: [{ ...cause, job_id: "holder" }],
			remedies: [remedy, front],
		});
		expect(explanation.causes).toEqual([{ ...cause, jobId: "holder" }]);
		expect(explanation.remedies).toEqual([front]);
		expect(toExplanation({ because: ["It waits."] }).causes).toEqual([
			{ text: "It waits.", brief: "It waits.", evidence: {}, remedies: [], jobId: null },
		]);
	});
	it("knows one finding again", () => {
		expect(toWarning(wireWarning()).key).toBe(toWarning(wireWarning({ since: null })).key);
		expect(toWarning(wireWarning()).key).not.toBe(
			toWarning(wireWarning({ job_id: "other" })).key,
		);
	});
});

describe("the console", () => {
	it("does not send what was not said", async () => {
		const host = { call: vi.fn(async () => ({})), post: vi.fn(async () => ({})) };
		const api = createApi(host);
		await api.jobs({ queue: undefined, status: "", page: 1 });
		expect(host.call).toHaveBeenCalledWith("jobs", { page: 1 });
		expect(await api.act({ action: "resume", job_ids: undefined })).toEqual([]);
		expect(host.post).toHaveBeenCalledWith("act", { action: "resume" });
	});
});
