// What actions did, and what the audit log keeps of them.

/** @import { AuditPage, Mended, Result } from "../../domain/types/action" */
/** @import { WireAuditPage, WireMended, WireResult } from "./types/actions" */
import { toDate } from "./time.js";
import { toWarning } from "./warnings.js";

/**
 * @param {WireResult} wire
 * @returns {Result}
 */
export function toResult(wire) {
	return {
		jobId: wire.job_id,
		ok: Boolean(wire.ok),
		stateBefore: wire.state_before || null,
		stateAfter: wire.state_after || null,
		reason: wire.reason || null,
		newJobId: wire.new_job_id || null,
	};
}

/**
 * @param {WireMended} wire
 * @returns {Mended}
 */
export function toMended(wire) {
	return {
		steps: (wire.results || []).map((step) => ({
			...toResult(step),
			key: [step.code, step.queue, step.job_id, step.lock].join("|"),
			lock: step.lock || null,
			code: step.code,
			jobId: step.job_id || null,
			queue: step.queue || null,
			action: step.action,
			label: step.label || null,
		})),
		left: (wire.left || []).map(toWarning),
	};
}

/**
 * @param {WireAuditPage} wire
 * @returns {AuditPage}
 */
export function toAuditPage(wire) {
	return {
		total: wire.total ?? 0,
		entries: (wire.entries || []).map((e) => ({
			key: [e.at, e.action, e.job_id, e.queue, e.detail].join("|"),
			at: toDate(e.at),
			actor: e.actor,
			action: e.action,
			jobId: e.job_id || null,
			site: e.site || null,
			ok: Boolean(e.ok),
			stateBefore: e.state_before || null,
			stateAfter: e.state_after || null,
			reason: e.reason || null,
			queue: e.queue || null,
			detail: e.detail || null,
			method: e.method || null,
		})),
	};
}
