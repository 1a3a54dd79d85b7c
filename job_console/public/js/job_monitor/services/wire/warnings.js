// Warnings, explanations of a job, incidents.

/** @import { Cause, Explanation, Incident, Manual, Warning } from "../../domain/types/warning" */
/** @import { WireCause, WireExplanation, WireIncident, WireManual, WireWarning } from "./types/warnings" */
import { __ } from "../../domain/translatable.js";
import { toDate } from "./time.js";

/**
 * @param {WireWarning} wire
 * @returns {Warning}
 */
export function toWarning(wire) {
	return {
		// One finding of one detector about one subject: stable between two looks.
		key: wire.id || [wire.code, wire.queue, wire.job_id, wire.worker, wire.site].join("|"),
		code: wire.code,
		severity: wire.severity,
		queue: wire.queue || null,
		jobId: wire.job_id || null,
		worker: wire.worker || null,
		site: wire.site || null,
		since: toDate(wire.since),
		evidence: wire.evidence || {},
		message: wire.message,
		remedies: wire.remedies || [],
		silenced: wire.silenced || null,
		silencedBy: wire.acknowledged_by || null,
		silencedUntil: toDate(wire.until),
		silenceReason: wire.silence_reason || null,
	};
}

/**
 * @param {WireExplanation} wire
 * @returns {Explanation}
 */
export function toExplanation(wire) {
	const sentences = (wire.because || []).map((text) => ({ text }));
	const causes = (wire.details?.length ? wire.details : sentences).map(toCause);
	const offered = new Set(causes.flatMap((cause) => cause.remedies.map((r) => r.action)));
	return {
		state: wire.state || null,
		causes,
		// What no single cause offers.
		remedies: (wire.remedies || []).filter((remedy) => !offered.has(remedy.action)),
	};
}

/**
 * @param {Partial<WireCause> & { text: string }} wire
 * @returns {Cause}
 */
function toCause(wire) {
	return {
		text: wire.text,
		brief: wire.brief || wire.text,
		evidence: wire.evidence || {},
		remedies: wire.remedies || [],
		// Whose job they are for.
		jobId: wire.job_id || null,
	};
}

// In this order.
const PARTS = /** @type {const} */ ([
	["true", __("What is true")],
	["known", __("How it is known")],
	["do", __("What to do")],
]);

/**
 * @param {WireManual} wire
 * @returns {Manual}
 */
export function toManual(wire) {
	return {
		title: wire.title,
		parts: PARTS.map(([name, title]) => ({ name, title, text: wire[name] || "" })),
	};
}

/**
 * @param {{ incidents: WireIncident[] }} wire
 * @returns {Incident[]}
 */
export function toIncidents(wire) {
	return (wire.incidents || []).map((i) => ({
		name: i.name,
		status: i.status,
		severity: (i.severity || "").toLowerCase(),
		code: i.code,
		message: i.message,
		jobs: i.jobs || 0,
		lane: i.queue || null,
		method: i.method || null,
		jobId: i.job_id || null,
		opened: toDate(i.opened),
		lastSeen: toDate(i.last_seen),
		resolved: toDate(i.resolved),
		how: i.how || null,
		after: i.after || null,
		acknowledgedBy: i.acknowledged_by || null,
	}));
}
