// Metrics over time as charts: what each shows, how its lines look, and how its values are written. Pure.

import { count, duration } from "./format.js";
import { writtenDate, writtenTime } from "./habit.js";

/** @import { Translate } from "./types/common" */
/** @import { Chart, Metrics, Series, Values } from "./types/metrics" */
/** @typedef {{ queue?: string, method?: string, site?: string }} Filters */

const OTHERS = "(other)";
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** Minutes are kept for so long. */
const BY_MINUTE_S = 25 * HOUR_S;
/** What shows a point of this step in finer ones. */
const INTO = { 180: "15m", [HOUR_S]: "1h", [6 * HOUR_S]: "6h", [DAY_S]: "24h" };
const COARSER = { "6h": "24h" };
const SECONDS = { "15m": 900, "1h": HOUR_S, "6h": 6 * HOUR_S, "24h": DAY_S, "7d": 7 * DAY_S };

/**
 * @param {Translate} __
 * @returns {{ value: string, label: string }[]}
 */
export function ranges(__) {
	return [
		{ value: "15m", label: __("Last 15 minutes") },
		{ value: "1h", label: __("Last hour") },
		{ value: "6h", label: __("Last 6 hours") },
		{ value: "24h", label: __("Last 24 hours") },
		{ value: "7d", label: __("Last 7 days") },
		{ value: "30d", label: __("Last 30 days") },
		{ value: "90d", label: __("Last 90 days") },
		{ value: "13mo", label: __("Last 13 months") },
	];
}

// Four colours, then the same with gaps.
const COLOURS = ["--blue-500", "--orange-500", "--green-600", "--red-500"];
const DASHES = [[], [6, 3], [2, 3]];

/**
 * @param {number} place
 * @returns {Pick<Series, "colour" | "dash">}
 */
function look(place) {
	return {
		colour: COLOURS[place % COLOURS.length],
		dash: DASHES[Math.floor(place / COLOURS.length) % DASHES.length],
	};
}

/**
 * @param {Translate} __
 * @param {Metrics} metrics
 * @param {Metrics | null} before The range that it is compared with.
 * @returns {Chart[]}
 */
export function charts(__, metrics, before) {
	const { total } = metrics;
	const failed = total.failed.map((value, at) => value + total.timedOut[at]);
	/** @type {Chart[]} */
	const found = [
		chart("runs", __("Runs"), "count", [
			[__("Ended well"), total.runs, before?.total.runs],
			[__("Failed"), failed],
		]),
		chart("run", __("Run time"), "seconds", percentiles(__, metrics.run, before?.run)),
		chart("wait", __("Waiting time"), "seconds", percentiles(__, metrics.wait, before?.wait)),
		chart(
			"depth",
			__("Waiting jobs"),
			"count",
			metrics.queues.map((queue) => [queue.label, queue.depth]),
		),
		chart(
			"oldest",
			__("Longest wait"),
			"seconds",
			metrics.queues.map((queue) => [queue.label, queue.oldestWaitS]),
		),
		chart("workers", __("Workers"), "workers", [
			[__("Busy"), metrics.busy, before?.busy],
			[__("Alive"), metrics.alive],
		]),
		chart(
			"cost",
			__("Workers' time"),
			"seconds",
			metrics.lines.map((line) => [name(__, line.key, metrics), line.workerS]),
		),
		chart(
			"failures",
			__("Failures"),
			"count",
			metrics.lines
				.map((line) => ({
					...line,
					all: line.failed.map((n, at) => n + line.timedOut[at]),
				}))
				.filter((line) => line.all.some(Boolean))
				.map((line) => [name(__, line.key, metrics), line.all]),
		),
	];
	return found.map((each) => ({
		...each,
		series: each.series.map((series) =>
			series.label ? series : { ...series, label: __("Before") },
		),
	}));
}

/**
 * @param {Translate} __
 * @param {Metrics["run"]} now
 * @param {Metrics["run"]} [before]
 * @returns {[string, Values, Values?][]}
 */
function percentiles(__, now, before) {
	return [
		[__("Median"), now.p50],
		[__("90 %"), now.p90, before?.p90],
		[__("99 %"), now.p99],
	];
}

/**
 * @param {string} id
 * @param {string} title
 * @param {Chart["unit"]} unit
 * @param {[string, Values, Values?][]} rows Each with what it was before; that has no name yet.
 * @returns {Chart}
 */
function chart(id, title, unit, rows) {
	const series = rows.map(([label, values], place) => ({ label, values, ...look(place) }));
	const earlier = rows
		.filter(([, , before]) => before)
		.map(([, , before]) => ({
			label: "",
			values: /** @type {Values} */ (before),
			colour: "--gray-600",
			dash: [2, 2],
		}));
	return { id, title, unit, series: [...series, ...earlier] };
}

/**
 * A method's last two parts, a queue without its bench, a site.
 *
 * @param {Translate} __
 * @param {string} key
 * @param {Pick<Metrics, "by">} metrics
 * @returns {string}
 */
export function name(__, key, { by }) {
	if (key === OTHERS) return __("Others");
	if (by === "queue") return key.split(":").pop() || key;
	return by === "method" ? key.split(".").slice(-2).join(".") : key;
}

/**
 * Whether it is one that can be chosen: not the rest.
 *
 * @param {string} key
 */
export const isOne = (key) => key !== OTHERS && key !== "";

/**
 * A value of a chart, for the table and the legend.
 *
 * @param {Translate} __
 * @param {Chart["unit"]} unit
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function written(__, unit, value) {
	if (value === null || value === undefined) return "–";
	if (unit === "seconds") return exact(__, value);
	return count(Math.round(value * 10) / 10);
}

/**
 * Two figures where a duration is short: what is known to 2 % is not rounded to a second.
 *
 * @param {Translate} __
 * @param {number} seconds
 * @returns {string}
 */
function exact(__, seconds) {
	if (seconds >= 0.95 && seconds < 10)
		return __("{0} s", [count(Math.round(seconds * 10) / 10)]);
	return duration(__, seconds);
}

/**
 * How a time is written on an axis of steps of this length.
 *
 * @param {number} time in seconds
 * @param {number} stepS
 * @returns {string}
 */
export function axisTime(time, stepS) {
	const date = new Date(time * 1000);
	return stepS > HOUR_S ? writtenDate(date) : writtenTime(date);
}

/**
 * A point's time, from and to.
 *
 * @param {number} time in seconds
 * @param {number} stepS
 * @returns {string}
 */
export function pointTime(time, stepS) {
	const date = new Date(time * 1000);
	if (stepS >= DAY_S) return writtenDate(date);
	const end = new Date((time + stepS) * 1000);
	return `${writtenDate(date)}, ${writtenTime(date)} – ${writtenTime(end)}`;
}

/**
 * The query for the jobs that ended in a point's time, as of `now`.
 *
 * @param {number} time in seconds
 * @param {number} stepS
 * @param {number} now in seconds
 * @param {Filters} filters
 * @returns {string}
 */
export function jobsThen(time, stepS, now, { queue, method, site }) {
	const quoted = (/** @type {string} */ text) =>
		/[\s:"]/.test(text) ? JSON.stringify(text) : text;
	const terms = [`ended:<=${Math.max(0, Math.ceil(now - time))}s`];
	if (now > time + stepS) terms.push(`ended:>=${Math.floor(now - time - stepS)}s`);
	if (queue) terms.push(`queue:${quoted(queue)}`);
	if (method) terms.push(`method:${quoted(method)}`);
	if (site) terms.push(`site:${quoted(site)}`);
	return terms.join(" ");
}

/**
 * The filters that show a point's time in finer steps; null: nothing finer is known.
 *
 * @param {number} time in seconds
 * @param {number} stepS
 * @param {number} now in seconds
 * @returns {{ last: string, until: string } | null}
 */
export function into(time, stepS, now) {
	let last = /** @type {Record<number, string>} */ (INTO)[stepS];
	const old = now - time > BY_MINUTE_S - HOUR_S;
	if (old && last && last !== "24h")
		last = /** @type {Record<string, string>} */ (COARSER)[last];
	if (!last) return null;
	const length = /** @type {Record<string, number>} */ (SECONDS)[last];
	const until = Math.min(time + Math.max(stepS, length) - 1, now);
	return { last, until: new Date(until * 1000).toISOString() };
}

/**
 * The end of the range that this one is compared with.
 *
 * @param {"before" | "week" | string | undefined} compare
 * @param {Metrics} metrics
 * @returns {string | null}
 */
export function comparedUntil(compare, { until, since, stepS }) {
	const shifts = { before: until.getTime() - since.getTime(), week: 7 * DAY_S * 1000 };
	const shift = /** @type {Record<string, number>} */ (shifts)[compare || ""];
	// In the last step of that range.
	return shift ? new Date(until.getTime() - shift - stepS * 500).toISOString() : null;
}

export const EVERY_MS = MINUTE_S * 500;
