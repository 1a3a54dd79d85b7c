// A moment of the past.

/** @import { Moment } from "../../domain/types/past" */
/** @import { WireMoment } from "./types/past" */
import { toMark } from "./metrics.js";
import { toSnapshot } from "./snapshot.js";
import { toDate } from "./time.js";

/**
 * @param {WireMoment} wire
 * @returns {Moment}
 */
export function toMoment(wire) {
	return {
		at: time(wire.at) ?? 0,
		now: time(wire.now) ?? 0,
		everyMs: wire.every_s * 1000,
		keptMs: wire.kept_s * 1000,
		snapshot: wire.snapshot ? toSnapshot(wire.snapshot) : null,
		before: time(wire.before),
		after: time(wire.after),
		covered: wire.covered.map(([since, until]) => [time(since) ?? 0, time(until) ?? 0]),
		marks: wire.marks.map(toMark),
	};
}

/**
 * @param {string | null} text
 * @returns {number | null}
 */
function time(text) {
	return toDate(text)?.getTime() ?? null;
}
