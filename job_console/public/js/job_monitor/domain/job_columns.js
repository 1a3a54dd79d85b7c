// The columns of the table of jobs, in their order. A new one is an entry here, and its cell in
// components/jobs/JobCell.vue.

/** @import { Job } from "./types/job" */
/** @import { Column, TableSettings } from "./types/query" */
import { __ } from "./translatable.js";

/** @type {Column[]} */
export const COLUMNS = [
	{ id: "state", label: __("State"), sort: null, width: 106, usual: true },
	{ id: "job", label: __("Job"), sort: "method", width: null, usual: true, fixed: true },
	{ id: "arguments", label: __("Arguments"), sort: null, width: null, usual: true },
	{ id: "lane", label: __("Lane"), sort: null, width: 84, usual: true },
	{ id: "user", label: __("User"), sort: "user", width: 140, usual: true },
	{ id: "site", label: __("Site"), sort: "site", width: 150 },
	{
		id: "enqueued",
		label: __("Enqueued"),
		sort: "enqueued",
		first: "descending",
		width: 98,
		usual: true,
	},
	{ id: "started", label: __("Started"), sort: "started", first: "descending", width: 104 },
	{
		id: "ended",
		label: __("Ended"),
		sort: "ended",
		first: "descending",
		width: 98,
		usual: true,
	},
	{ id: "took", label: __("Ran"), sort: "took", first: "descending", width: 128, usual: true },
	{ id: "due", label: __("Due"), sort: null, width: 104 },
	{ id: "attempt", label: __("Attempt"), sort: null, width: 76 },
	{ id: "worker", label: __("Worker"), sort: "worker", width: 130 },
	{ id: "error", label: __("Error"), sort: "error", width: 200 },
	{ id: "id", label: __("Id"), sort: null, width: 190 },
];

/** @type {TableSettings} */
export const USUAL = {
	columns: COLUMNS.filter((column) => column.usual).map((column) => column.id),
	density: "comfortable",
	size: 20,
};
export const SIZES = [20, 50, 100];

// What a job in this state cannot have: in a list of such jobs its column would be empty.
const NOT_BEGUN = ["started", "ended", "took", "error"];
/** @type {Record<string, string[]>} */
const EMPTY = {
	queued: [...NOT_BEGUN, "worker", "due"],
	scheduled: NOT_BEGUN,
	deferred: [...NOT_BEGUN, "worker", "due"],
	started: ["ended", "error", "due"],
	failed: ["due"],
	finished: ["due", "error"],
};

/**
 * Those that somebody wants, as far as they can have something in them. One that is sorted by is kept.
 *
 * @param {TableSettings} settings
 * @param {string} status of a list of one state
 * @param {string} sort
 * @returns {Column[]}
 */
export function shownColumns({ columns }, status, sort) {
	const by = sort.replace("-", "");
	const empty = EMPTY[status] || [];
	return COLUMNS.filter(
		(each) => columns.includes(each.id) && (!empty.includes(each.id) || each.sort === by),
	);
}

// Pixels: the tick box and the buttons of a row, and what a column without a width needs.
const FRAME = 42 + 104;
const FLEXIBLE = 160;
// In a narrow place these leave a table that nobody has arranged, one after the other.
const GIVE_WAY = ["user", "ended", "arguments"];

/**
 * Pixels that a table of these columns needs; in less it scrolls sideways.
 *
 * @param {Column[]} columns
 * @returns {number}
 */
export function neededWidth(columns) {
	return columns.reduce((sum, { width }) => sum + (width ?? FLEXIBLE), FRAME);
}

/**
 * Those that have room, unless somebody chose them. One that is sorted by stays.
 *
 * @param {Column[]} columns
 * @param {TableSettings} settings
 * @param {string} sort
 * @param {number} width of the place, in pixels; 0: not known
 * @returns {Column[]}
 */
export function fittingColumns(columns, settings, sort, width) {
	const chosen = settings.columns.join() !== USUAL.columns.join();
	let left = columns;
	for (const id of chosen || !width ? [] : GIVE_WAY) {
		if (neededWidth(left) <= width) break;
		left = left.filter((each) => each.id !== id || each.sort === sort.replace("-", ""));
	}
	return left;
}

/**
 * What somebody has kept, made whole: what it does not say, or what is not there any more, is as usual.
 *
 * @param {Partial<TableSettings> | null} kept
 * @returns {TableSettings}
 */
export function settled(kept) {
	const { columns, density, size } = kept ?? {};
	return {
		columns: Array.isArray(columns)
			? COLUMNS.filter((each) => each.fixed || columns.includes(each.id)).map((e) => e.id)
			: USUAL.columns,
		density: density === "compact" ? "compact" : "comfortable",
		size: SIZES.includes(size ?? 0) ? Number(size) : USUAL.size,
	};
}

/**
 * The order that a click on a heading asks for: the usual way, then the other one, then as the list stands.
 *
 * @param {Column} column
 * @param {string} now `ended`, `-ended`, or "" as the list stands
 * @returns {string}
 */
export function nextSort({ sort, first }, now) {
	const order = first === "descending" ? [`-${sort}`, `${sort}`] : [`${sort}`, `-${sort}`];
	return order[order.indexOf(now) + 1] ?? "";
}

/**
 * As `aria-sort` says it.
 *
 * @param {Column} column
 * @param {string} now
 * @returns {"ascending" | "descending" | "none" | undefined}
 */
export function ariaSort({ sort }, now) {
	if (!sort) return undefined;
	if (now === sort) return "ascending";
	return now === `-${sort}` ? "descending" : "none";
}

/** @type {Record<string, (job: Job) => string | number | null>} */
const VALUES = {
	method: (job) => job.label.toLowerCase(),
	user: (job) => job.user?.toLowerCase() ?? null,
	site: (job) => job.site,
	worker: (job) => job.worker,
	error: (job) => job.error?.type ?? null,
	enqueued: (job) => job.enqueuedAt?.getTime() ?? null,
	started: (job) => job.startedAt?.getTime() ?? null,
	ended: (job) => job.endedAt?.getTime() ?? null,
	took: (job) => job.elapsedS,
};

/**
 * Those on the screen, in this order; what has no value last, either way.
 *
 * @param {Job[]} jobs
 * @param {string} sort
 * @returns {Job[]}
 */
export function sortedJobs(jobs, sort) {
	const value = VALUES[sort.replace("-", "")];
	if (!value) return jobs;
	const way = sort.startsWith("-") ? -1 : 1;
	return [...jobs].sort((one, other) => {
		const [a, b] = [value(one), value(other)];
		if (a === null || b === null) return Number(a === null) - Number(b === null);
		return (a < b ? -1 : Number(a > b)) * way;
	});
}
