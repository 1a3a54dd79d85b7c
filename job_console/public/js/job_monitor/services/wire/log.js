// What a job has printed and logged.

/** @import { JobLog } from "../../domain/types/job" */
/** @import { WireLog } from "./types/jobs" */
import { toDate } from "./time.js";

/**
 * @param {WireLog} wire
 * @returns {JobLog}
 */
export function toLog(wire) {
	return {
		notes: wire.notes || [],
		entries: (wire.entries || []).map(({ at, level, source, text }) => ({
			at: toDate(at),
			level,
			source,
			text,
		})),
	};
}
