// Many benches: their rows, a job wherever it is, what fails on all of them.

/** @import { BenchRow, BenchState, Fleet, FleetFailures, FleetGroup, FoundJobs } from "../../domain/types/fleet" */
/** @import { WireBenchRow, WireFleet, WireFleetFailures, WireFleetGroup, WireFoundJobs } from "./types/fleet" */
import { toJob } from "./jobs.js";
import { toDate } from "./time.js";

/**
 * @param {WireFleet} wire
 * @returns {Fleet}
 */
export function toFleet(wire) {
	return { at: toDate(wire.at), benches: wire.benches.map(toRow) };
}

/**
 * @param {WireBenchRow} wire
 * @returns {BenchRow}
 */
function toRow(wire) {
	const { unreachable, oldest, scheduler, worst, warnings } = wire;
	const asking = warnings.critical + warnings.warning + warnings.info;
	return {
		name: wire.name,
		labels: Object.values(wire.labels),
		server: wire.server,
		state: stateOf(wire),
		lookedAt: toDate(wire.looked_at),
		unreachable: unreachable && {
			message: unreachable.message,
			since: toDate(unreachable.since),
		},
		says: worst ? worst.message : wire.reasons[0] || "",
		more: worst ? asking - 1 : 0,
		waiting: wire.waiting,
		oldest: oldest && { lane: oldest.lane, waitS: oldest.wait_s, atLeast: oldest.at_least },
		workers: wire.workers,
		scheduler: scheduler && {
			sites: scheduler.sites,
			down: scheduler.down,
			tickedAt: toDate(scheduler.ticked_at),
		},
		suspended: wire.suspended,
		paused: wire.paused,
	};
}

/**
 * @param {WireBenchRow} wire
 * @returns {BenchState}
 */
function stateOf({ unreachable, verdict, telling }) {
	if (unreachable) return "unreachable";
	if (!verdict || !telling) return "unknown";
	return verdict === "critical" || verdict === "warning" ? verdict : "ok";
}

/**
 * @param {WireFoundJobs} wire
 * @returns {FoundJobs}
 */
export function toFoundJobs(wire) {
	return {
		jobId: wire.job_id,
		found: wire.found.map(({ bench, job }) => ({ bench, job: toJob(job) })),
		asked: wire.asked,
		missing: wire.missing,
	};
}

/**
 * @param {WireFleetFailures} wire
 * @returns {FleetFailures}
 */
export function toFleetFailures(wire) {
	return {
		failed: wire.failed,
		atLeast: wire.at_least,
		groups: wire.groups.map(toGroup),
		missing: wire.missing,
	};
}

/**
 * @param {WireFleetGroup} wire
 * @returns {FleetGroup}
 */
function toGroup(wire) {
	return {
		key: wire.group,
		method: wire.method,
		type: wire.type,
		frame: wire.frame,
		message: wire.message,
		count: wire.count,
		last: toDate(wire.last_at),
		benches: wire.benches.map(({ bench, count }) => ({ bench, count })),
	};
}
