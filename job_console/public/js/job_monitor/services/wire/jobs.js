// Jobs: in a row, in the drawer, on a page of the list, in a slice of a search.

/** @import { Job, JobDetail, JobPage, Progress, Run, SearchSlice, Tries } from "../../domain/types/job" */
/** @import { WireJob, WireJobDetail, WireJobPage, WirePolicy, WireProgress, WireRun, WireSearchSlice, WireTries } from "./types/jobs" */
import { toDate } from "./time.js";
import { toWarning } from "./warnings.js";

/**
 * @param {WireJob} wire
 * @returns {Job}
 */
export function toJob(wire) {
	return {
		id: wire.id,
		label: wire.label || wire.method || wire.id,
		method: wire.method || null,
		kind: wire.kind || "other",
		queue: wire.queue,
		status: wire.status,
		site: wire.site || null,
		user: wire.user || null,
		enqueuedAt: toDate(wire.enqueued_at),
		startedAt: toDate(wire.started_at),
		endedAt: toDate(wire.ended_at),
		dueAt: toDate(wire.due_at),
		timeoutS: wire.timeout_s ?? null,
		// Of one that runs the page reckons by itself: there it would change with each look.
		elapsedS: isRunning(wire) ? null : (wire.elapsed_s ?? null),
		// What its method's own history calls normal.
		usualS: wire.usual_s ?? null,
		attempt: wire.attempt ?? 1,
		worker: wire.worker || null,
		arguments: wire.arguments ?? {},
		// Why its payload cannot be shown, when it cannot.
		problem: wire.problem || null,
		error: wire.error || null,
		// Nothing runs it, or ever will; the reason alone: its worker is gone, and its process goes on.
		lost: Boolean(wire.lost),
		lostReason: wire.lost_reason || null,
		// Another worker has taken it over, and the first one goes on.
		takenOver: wire.lost_code === "duplicated",
		remedies: wire.remedies || [],
		actions: wire.actions || [],
		// Whether running it again can do its work twice: safe, unsafe or unknown.
		repeat: wire.repeat || "unknown",
		progress: wire.progress ? toProgress(wire.progress) : null,
		tries: wire.tries ? toTries(wire.tries) : null,
		asked: Object.entries(wire.asked || {}).map(([what, each]) => ({
			what,
			by: each.by,
			at: toDate(each.at),
			reason: each.reason || null,
		})),
	};
}

/** @param {WireJob} wire */
function isRunning(wire) {
	return wire.status === "started" && Boolean(wire.started_at);
}

/**
 * @param {WireTries} wire
 * @returns {Tries}
 */
function toTries(wire) {
	return {
		failed: wire.failed,
		of: wire.of,
		why: wire.why || null,
		nextAt: toDate(wire.next_at),
		history: (wire.history || []).map((attempt) => ({
			at: toDate(attempt.at),
			type: attempt.type || null,
			message: attempt.message || "",
			lost: Boolean(attempt.lost),
		})),
	};
}

/**
 * @param {WireProgress} wire
 * @returns {Progress}
 */
function toProgress(wire) {
	return {
		done: wire.done,
		total: wire.total ?? null,
		text: wire.text || "",
		fraction: wire.fraction ?? null,
		rate: wire.rate ?? null,
		at: toDate(wire.at),
		fromPublishProgress: Boolean(wire.overheard),
		extendedS: wire.extended_s || 0,
		chunks: wire.chunks || null,
		parked: wire.parked ? { ...wire.parked, at: toDate(wire.parked.at) } : null,
	};
}

/**
 * @param {WireJobDetail} wire
 * @returns {JobDetail}
 */
export function toJobDetail(wire) {
	return {
		...toJob(wire),
		runs: (wire.runs || []).map(toRun),
		timeline: (wire.timeline || []).map((e) => ({ event: e.event, at: toDate(e.at) })),
		position: wire.position ?? null,
		result: wire.result ?? null,
		dependencies: wire.dependencies || [],
		dependents: wire.dependents || [],
		dependentsTotal: wire.dependents_total ?? (wire.dependents || []).length,
		runsTotal: wire.runs_total ?? (wire.runs || []).length,
		warnings: (wire.warnings || []).map(toWarning),
		scheduledJob: wire.scheduled_job || null,
		failureGroup: wire.failure_group || null,
		payloadBytes: wire.payload_bytes ?? null,
		document: wire.document || null,
		expiresAt: toDate(wire.expires_at),
		policy: wire.policy ? toPolicy(wire.policy) : null,
	};
}

/**
 * @param {WirePolicy} wire
 * @returns {JobDetail["policy"]}
 */
function toPolicy(wire) {
	return {
		name: wire.name,
		kind: wire.kind || "method",
		source: wire.source || "desk",
		decided: wire.decided || [],
	};
}

/**
 * @param {WireRun} wire
 * @returns {Run}
 */
function toRun(wire) {
	return {
		attempt: wire.attempt ?? null,
		outcome: wire.outcome,
		startedAt: toDate(wire.started_at),
		endedAt: toDate(wire.ended_at),
		worker: wire.worker || null,
		error: wire.error || null,
	};
}

/**
 * @param {WireJobPage} wire
 * @returns {JobPage}
 */
export function toJobPage(wire) {
	return {
		total: wire.total ?? 0,
		approximate: Boolean(wire.approximate),
		page: wire.page || 1,
		size: wire.size || 20,
		byExpiry: Boolean(wire.by_expiry),
		sort: wire.sort || null,
		unsorted: wire.unsorted || null,
		reached: wire.reached || null,
		jobs: (wire.jobs || []).map(toJob),
	};
}

/**
 * @param {WireSearchSlice} wire
 * @returns {SearchSlice}
 */
export function toSearchSlice(wire) {
	return {
		jobs: (wire.jobs || []).map(toJob),
		cursor: wire.cursor || null,
		scanned: wire.scanned ?? 0,
		of: wire.of ?? 0,
		byExpiry: Boolean(wire.by_expiry),
	};
}
