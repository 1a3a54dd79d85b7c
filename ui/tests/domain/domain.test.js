import { describe, expect, it } from "vitest";
import { translate as __ } from "@/host/web.js";
import { toJob } from "@/services/wire/jobs.js";
import { toSnapshot } from "@/services/wire/snapshot.js";
import { toWarning } from "@/services/wire/warnings.js";
import { wireJob, wireLane, wireSnapshot, wireWarning } from "../support/wire.js";
import { commandFor } from "@/domain/command.js";
import { fact, jobIn, withBounds } from "@/domain/evidence.js";
import { groupFailures } from "@/domain/failure_groups.js";
import { ICONS } from "@/domain/icons.js";
import { outcomeOf } from "@/domain/action_outcome.js";
import { elapsedOf } from "@/domain/elapsed.js";
import { lostJobs } from "@/domain/losses.js";
import { safeToMend } from "@/domain/mend.js";
import { RUN_OUTCOMES, STATUSES, WORKER_STATES, statusLook } from "@/domain/status.js";
import { ACTIONS, orderedActions, sharedActions } from "@/domain/action_words.js";
import { verdictColor, verdictSentence } from "@/domain/headline.js";
import { SEVERITIES, sortWarnings } from "@/domain/warnings.js";

describe("looks", () => {
	it("never let colour speak alone", () => {
		const looks = [STATUSES, RUN_OUTCOMES, WORKER_STATES, SEVERITIES, ACTIONS].flatMap(
			Object.values,
		);
		for (const look of looks) {
			expect(ICONS[look.icon], look.icon).toBeTruthy();
			expect(look.text || look.label).toBeTruthy();
		}
	});
	it("show a state they do not know by its name", () => {
		expect(statusLook("dreaming")).toMatchObject({ text: "dreaming", color: "gray" });
	});
});

describe("elapsedOf", () => {
	const now = Date.UTC(2026, 10, 23, 12);
	const running = (seconds, timeout_s = 300) =>
		toJob(
			wireJob({
				status: "started",
				started_at: new Date(now - seconds * 1000).toISOString(),
				timeout_s,
			}),
		);
	it("grows with the clock, and says when the timeout is near or past", () => {
		expect(elapsedOf(running(30), now)).toMatchObject({ fraction: 0.1, level: "fine" });
		expect(elapsedOf(running(30), now + 30_000).seconds).toBe(60);
		expect(elapsedOf(running(240), now).level).toBe("near");
		expect(elapsedOf(running(900), now)).toMatchObject({ fraction: 1, level: "late" });
	});
	it("has no bar without a timeout", () => {
		expect(elapsedOf(running(30, null), now).fraction).toBeNull();
		expect(elapsedOf(running(30, -1), now).fraction).toBeNull();
	});
	it("stands still once the job has ended", () => {
		const ended = toJob(wireJob({ status: "failed", elapsed_s: 12 }));
		expect(elapsedOf(ended, now).seconds).toBe(12);
	});
});

describe("groupFailures", () => {
	const failed = (id, method, type, ended_at) =>
		toJob(wireJob({ id, method, status: "failed", ended_at, error: { type, message: id } }));
	it("puts one cause in one group, the largest first, with its newest message", () => {
		const groups = groupFailures([
			failed("a", "x.y", "KeyError", "2026-11-23T10:00:00Z"),
			failed("b", "x.z", "ValueError", "2026-11-23T10:00:00Z"),
			failed("c", "x.z", "ValueError", "2026-11-23T12:00:00Z"),
			failed("d", "x.z", "KeyError", "2026-11-23T11:00:00Z"),
		]);
		expect(groups.map((g) => [g.method, g.errorType, g.jobs.length])).toEqual([
			["x.z", "ValueError", 2],
			["x.z", "KeyError", 1],
			["x.y", "KeyError", 1],
		]);
		expect(groups[0].message).toBe("c");
		expect(groups[0].first.getUTCHours()).toBe(10);
		expect(groups[0].last.getUTCHours()).toBe(12);
	});
});

describe("verdict", () => {
	const sentence = (warnings, health) =>
		verdictSentence(__, toSnapshot(wireSnapshot({ warnings, ...(health && { health }) })));
	it("counts what needs somebody, not what is only told", () => {
		expect(sentence([])).toBe("All is well.");
		expect(sentence([wireWarning({ severity: "info" })])).toBe("All is well.");
		expect(sentence([wireWarning()])).toBe("1 thing needs you.");
		expect(sentence([wireWarning(), wireWarning({ severity: "warning" })])).toBe(
			"2 things need you.",
		);
	});
	it("does not count what somebody silenced", () => {
		const quiet = wireWarning({ silenced: "acknowledged" });
		expect(sentence([quiet, wireWarning()])).toBe("1 thing needs you.");
		expect(sentence([quiet])).toBe("Nothing else needs you: 1 warning is silenced.");
		expect(sentence([{ ...quiet, severity: "info" }])).toBe("All is well.");
	});
	it("is green only for what is well", () => {
		const color = (change) => verdictColor(toSnapshot(wireSnapshot(change)));
		expect(color({})).toBe("green");
		expect(color({ warnings: [wireWarning({ silenced: "muted" })] })).toBe("quiet");
		expect(color({ health: { verdict: "critical", reasons: [] } })).toBe("red");
	});
	it("does not say that all is well without evidence", () => {
		const reasons = ["No telling: no worker has ever been seen here."];
		const health = { verdict: "warning", reasons, telling: false };
		expect(sentence([], health)).toBe(reasons[0]);
		expect(verdictColor(toSnapshot(wireSnapshot({ health })))).toBe("gray");
	});
	it("says the server's reason when no warning explains the verdict", () => {
		const health = { verdict: "critical", reasons: ["2 jobs lost their worker"] };
		expect(sentence([], health)).toBe("2 jobs lost their worker");
	});
	it("puts the worst first, then what has lasted longest", () => {
		const { warnings } = toSnapshot(
			wireSnapshot({
				warnings: [
					wireWarning({ message: "info", severity: "info" }),
					wireWarning({ message: "new", since: "2026-11-23T12:00:00Z" }),
					wireWarning({ message: "old", since: "2026-11-22T12:00:00Z" }),
				],
			}),
		);
		expect(sortWarnings(warnings).map((w) => w.message)).toEqual(["old", "new", "info"]);
	});
});

describe("what is safe to mend", () => {
	const warning = (job_id, ...remedies) => toWarning(wireWarning({ job_id, remedies }));
	const safe = { action: "requeue", label: "Put it back", safe: true };
	const unsafe = { ...safe, safe: false };
	it("is counted once for each job, and the bench once", () => {
		const resume = { action: "resume", label: "Resume", safe: true };
		expect(
			safeToMend([
				warning("a", unsafe, safe),
				warning("a", safe),
				warning("b", unsafe),
				warning("c"),
				warning(null, safe),
				warning(null, resume),
			]),
		).toBe(2);
	});
});

describe("evidence", () => {
	it("reads like facts", () => {
		expect(fact(__, "usual_s", 180)).toEqual(["usual", "3 min"]);
		expect(fact(__, "in_registry", false)).toEqual(["in registry", "no"]);
		expect(fact(__, "last_heartbeat", "2026-11-23T16:00:00Z")[1]).toContain("2026");
		expect(fact(__, "worker", null)[1]).toBe("");
	});
	it("says at the number that it is cut", () => {
		expect(withBounds(__, { count: 1200, at_least: true, method: "x" })).toEqual({
			count: "at least 1,200",
			method: "x",
		});
		expect(withBounds(__, { count: 12, at_least: false })).toEqual({ count: 12 });
		expect(withBounds(__, { waiting: 50, waiting_at_least: true, held_s: 3 })).toEqual({
			waiting: "at least 50",
			held_s: 3,
		});
	});
	it("knows which facts are jobs", () => {
		expect(jobIn("job_id", "a||b")).toBe("a||b");
		expect(jobIn("blocking_job_id", "a||b")).toBe("a||b");
		expect(jobIn("job_id", null)).toBeNull();
		expect(jobIn("worker", "a")).toBeNull();
	});
});

describe("lost jobs", () => {
	const lost = (change) => lostJobs(toSnapshot(wireSnapshot(change)));
	it("are known from their lane, and from the warnings about them", () => {
		const running = [
			wireJob({ id: "a", status: "started", lost: true, lost_reason: "gone" }),
			wireJob({ id: "b", status: "started" }),
		];
		const warnings = [
			wireWarning({ job_id: "c", evidence: { job_ids: ["c", "d"] }, message: "ghosts" }),
			wireWarning({ code: "starved", job_id: "e" }),
			wireWarning({ code: "worker_lost", job_id: "f", evidence: { job_runs: true } }),
		];
		const found = lost({ queues: [wireLane({ running })], warnings });
		expect([...found]).toEqual([
			["c", "ghosts"],
			["d", "ghosts"],
			["a", "gone"],
		]);
		expect(lostJobs(null).size).toBe(0);
	});
});

describe("a command", () => {
	it("survives any id", () => {
		expect(commandFor({ id: "a'b||c", status: "failed" })).toBe(
			"job-console retry 'a'\\''b||c'",
		);
		expect(commandFor({ id: "x", status: "queued" })).toBe("job-console show 'x'");
	});
});

describe("actions in words", () => {
	const result = (ok, reason = null) => ({ jobId: "a", ok, reason, stateBefore: "started" });
	it("tell what was done and what was not", () => {
		expect(outcomeOf(__, "retry", [result(true)])).toMatchObject({
			text: "1 job put back in its lane.",
			color: "green",
		});
		expect(outcomeOf(__, "cancel", [result(true), result(false, "It runs.")])).toMatchObject({
			text: "1 of 2 jobs canceled; 1 was not.",
			color: "orange",
			refused: [{ reason: "It runs." }],
		});
		const asked = { ...result(true), reason: "It was asked." };
		expect(outcomeOf(__, "pause", [asked])).toMatchObject({
			text: "It was asked.",
			color: "blue",
		});
		expect(outcomeOf(__, "cancel", [result(false)]).text).toBe(
			"Not done: the job is started.",
		);
	});
	it("come in one order, what destroys last", () => {
		expect(orderedActions(["delete", "cancel", "retry"])).toEqual([
			"retry",
			"cancel",
			"delete",
		]);
	});
	it("are counted over the selected jobs", () => {
		const jobs = [{ actions: ["retry", "delete"] }, { actions: ["delete"] }];
		expect(sharedActions(jobs)).toEqual([
			{ action: "retry", count: 1 },
			{ action: "delete", count: 2 },
		]);
	});
});
