// Failures by their cause, and the groups of them that are retried.

/** @import { Canary, FailureCause, Failures } from "../../domain/types/failure" */
/** @import { WireCanary, WireFailureGroup, WireFailures } from "./types/failures" */
import { toDate } from "./time.js";

/**
 * @param {WireFailures} wire
 * @returns {Failures}
 */
export function toFailures(wire) {
	const canaries = (wire.canaries || []).map(toCanary);
	return {
		failed: wire.failed ?? 0,
		counted: wire.counted ?? 0,
		withoutRecord: wire.without_record ?? 0,
		whole: Boolean(wire.whole),
		total: wire.total ?? 0,
		page: wire.page ?? 1,
		groups: (wire.groups || []).map((group) => toCause(group, canaries)),
		canaries,
	};
}

/**
 * @param {WireFailureGroup} wire
 * @param {Canary[]} canaries
 * @returns {FailureCause}
 */
function toCause(wire, canaries) {
	return {
		key: wire.group,
		method: wire.method,
		errorType: wire.type,
		frame: wire.frame || null,
		message: wire.message || "",
		example: wire.example || wire.message || "",
		count: wire.count,
		first: toDate(wire.first_at),
		last: toDate(wire.last_at),
		trend: wire.trend || [],
		users: wire.users || [],
		documents: wire.documents || [],
		sampled: wire.sampled ?? 0,
		queues: wire.queues || [],
		sites: wire.sites || [],
		canary: canaries.find((canary) => canary.group === wire.group) || null,
	};
}

/**
 * @param {WireCanary} wire
 * @returns {Canary}
 */
export function toCanary(wire) {
	return {
		name: wire.canary,
		group: wire.group,
		site: wire.site || null,
		method: wire.method,
		errorType: wire.type,
		state: wire.state,
		goesOn: wire.state === "trying" || wire.state === "releasing",
		by: wire.by,
		reason: wire.reason || "",
		rate: wire.rate,
		stopAt: wire.stop_at,
		total: wire.total,
		released: wire.released,
		well: wire.well,
		failed: wire.failed,
		gone: wire.gone,
		out: wire.out,
		left: wire.left,
		startedAt: toDate(wire.started_at),
		changedAt: toDate(wire.changed_at),
		error: wire.error || null,
	};
}
