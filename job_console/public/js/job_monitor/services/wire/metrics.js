// Metrics over time.

/** @import { Heat, Mark, Metrics, MetricsLine, QueueHistory, Ranked } from "../../domain/types/metrics" */
/** @import { WireHeat, WireMark, WireMetrics, WireMetricsLine, WireQueueHistory, WireRanked } from "./types/metrics" */
import { toDate } from "./time.js";

/**
 * @param {WireMetrics} wire
 * @returns {Metrics}
 */
export function toMetrics(wire) {
	const since = /** @type {Date} */ (toDate(wire.since));
	const first = since.getTime() / 1000;
	return {
		last: wire.last,
		by: wire.by,
		since,
		until: /** @type {Date} */ (toDate(wire.until)),
		stepS: wire.step_s,
		times: Array.from({ length: wire.points }, (_, at) => first + at * wire.step_s),
		total: toLine(wire.total),
		run: wire.run_s,
		wait: wire.wait_s,
		runHeat: toHeat(wire.heat),
		waitHeat: toHeat(wire.wait_heat),
		failures: wire.failures || [],
		lines: (wire.lines || []).map(toLine),
		ranked: (wire.ranked || []).map(toRanked),
		busy: wire.workers.busy,
		alive: wire.workers.alive,
		queues: (wire.queues || []).map(toQueue),
		marks: (wire.marks || []).map(toMark),
		marksLeftOut: wire.marks_left_out || 0,
	};
}

/**
 * @param {WireHeat | undefined} wire
 * @returns {Heat}
 */
function toHeat(wire) {
	return { ends: wire?.ends_s || [], counts: wire?.counts || [] };
}

/**
 * @param {WireMetricsLine} wire
 * @returns {MetricsLine}
 */
function toLine({ key, runs, failed, timed_out, worker_s }) {
	return { key, runs, failed, timedOut: timed_out, workerS: worker_s };
}

/**
 * @param {WireRanked} wire
 * @returns {Ranked}
 */
function toRanked({ key, runs, failed, worker_s }) {
	return { key, runs, failed, workerS: worker_s };
}

/**
 * @param {WireQueueHistory} wire
 * @returns {QueueHistory}
 */
function toQueue({ name, label, depth, oldest_wait_s }) {
	return { name, label, depth, oldestWaitS: oldest_wait_s };
}

/**
 * @param {WireMark} wire
 * @returns {Mark}
 */
export function toMark({ at, since, kind, site, text }) {
	const seconds = (/** @type {string | null} */ time) =>
		time ? /** @type {Date} */ (toDate(time)).getTime() / 1000 : null;
	return { at: /** @type {number} */ (seconds(at)), since: seconds(since), kind, site, text };
}
