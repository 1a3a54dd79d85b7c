// One look at the bench: its lanes, workers and warnings.

/** @import { Hold, Lane, Scheduler, Snapshot, Surveyed, Worker } from "../../domain/types/snapshot" */
/** @import { WireHold, WireLane, WireScheduler, WireSnapshot, WireSurveyed, WireWorker } from "./types/snapshot" */
import { toJob } from "./jobs.js";
import { toDate } from "./time.js";
import { toWarning } from "./warnings.js";

/**
 * @param {WireSnapshot} wire
 * @returns {Snapshot}
 */
export function toSnapshot(wire) {
	return {
		at: toDate(wire.at),
		site: wire.site || null,
		readOnly: Boolean(wire.read_only),
		mayOperate: wire.may_operate ?? !wire.read_only,
		health: {
			verdict: wire.health?.verdict || "ok",
			reasons: wire.health?.reasons || [],
			evidence: wire.health?.evidence || [],
			telling: wire.health?.telling ?? true,
		},
		redis: {
			usedBytes: wire.redis?.used_bytes ?? null,
			maxBytes: wire.redis?.max_bytes ?? null,
			version: wire.redis?.version ?? null,
		},
		suspended: Boolean(wire.suspended),
		suspension: toHold(wire.suspension),
		surveyed: wire.surveyed ? toSurveyed(wire.surveyed) : null,
		notes: wire.notes || [],
		server: wire.server ?? null,
		benchServer: wire.bench_server ?? null,
		bench: wire.bench ?? null,
		schedule: wire.schedule ? toSchedule(wire.schedule) : null,
		duties: wire.duties || [],
		lanes: (wire.queues || []).map(toLane),
		workers: (wire.workers || []).map(toWorker),
		warnings: (wire.warnings || []).map(toWarning),
	};
}

/**
 * @param {WireHold | null | undefined} wire
 * @returns {Hold | null}
 */
function toHold(wire) {
	if (!wire) return null;
	const { by, reason } = wire;
	return { by, reason, at: toDate(wire.at), until: toDate(wire.until) };
}

/**
 * @param {WireLane["paused"] | undefined} wire
 * @returns {Lane["paused"]}
 */
function toPaused(wire) {
	const hold = toHold(wire);
	return hold && { ...hold, deaf: wire?.deaf || [] };
}

/**
 * @param {WireSurveyed} wire
 * @returns {Surveyed}
 */
function toSurveyed(wire) {
	return {
		of: wire.of || 0,
		share: wire.share ?? null,
		unsure: wire.unsure || 0,
		text: wire.text,
	};
}

/**
 * @param {WireScheduler} wire
 * @returns {Scheduler}
 */
function toSchedule(wire) {
	return {
		running: Boolean(wire.running),
		reason: wire.reason || null,
		tickedAt: toDate(wire.ticked_at),
	};
}

/**
 * @param {WireLane} wire
 * @returns {Lane}
 */
export function toLane(wire) {
	return {
		name: wire.name,
		label: wire.label || wire.name,
		counts: wire.counts || {},
		workers: {
			busy: wire.workers?.busy || 0,
			idle: wire.workers?.idle || 0,
			draining: wire.workers?.draining || 0,
		},
		paused: toPaused(wire.paused),
		oldestWaitS: wire.oldest_wait_s ?? null,
		oldestWaitAtLeast: Boolean(wire.oldest_wait_at_least),
		drainS: wire.drain_s ?? null,
		running: (wire.running || []).map(toJob),
		runningElsewhere: wire.running_elsewhere || 0,
		runningLeftOver: wire.running_left_over || 0,
		parked: (wire.parked || []).map(toJob),
		parkedAtLeast: Boolean(wire.parked_at_least),
		head: (wire.head || []).map(toJob),
		headElsewhere: wire.head_elsewhere || 0,
		failures: (wire.failures || []).map(toJob),
		failuresElsewhere: wire.failures_elsewhere || 0,
	};
}

/**
 * @param {WireWorker} wire
 * @returns {Worker}
 */
export function toWorker(wire) {
	return {
		name: wire.name,
		label: wire.label || wire.name,
		state: wire.state,
		queues: wire.queues || [],
		jobId: wire.job_id || null,
		host: wire.host || null,
		pid: wire.pid ?? null,
		heartbeatAgeS: wire.heartbeat_age_s ?? null,
		bornAt: toDate(wire.born_at),
		rqVersion: wire.rq_version || null,
		pythonVersion: wire.python_version || null,
		rssBytes: wire.rss_bytes ?? null,
		horseRssBytes: wire.horse_rss_bytes ?? null,
		roundTripS: wire.round_trip_s ?? null,
		unregistered: Boolean(wire.unregistered),
		elsewhere: Boolean(wire.elsewhere),
		gone: wire.gone || null,
		drainingSince: toDate(wire.draining_since),
		quiet: toHold(wire.quiet),
		obeys: Boolean(wire.obeys),
	};
}
