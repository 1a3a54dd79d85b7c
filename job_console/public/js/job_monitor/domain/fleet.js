// Many benches: which asks for somebody first, and what is said of all of them.

/** @import { Look, Translate } from "./types/common" */
/** @import { BenchRow, BenchState } from "./types/fleet" */
/** @import { StatusItem } from "./types/view" */
import { count, duration, secondsSince } from "./format.js";
import { __ } from "./translatable.js";
import { workersText } from "./status_bar.js";

/** @type {Record<BenchState, Look & { rank: number }>} */
export const STATES = {
	unreachable: { icon: "cross-circle", color: "red", text: __("Unreachable"), rank: 0 },
	critical: { icon: "cross-circle", color: "red", text: __("Critical"), rank: 1 },
	warning: { icon: "alert", color: "orange", text: __("Warning"), rank: 2 },
	unknown: { icon: "question", color: "gray", text: __("Unknown"), rank: 3 },
	ok: { icon: "check", color: "green", text: __("Well"), rank: 4 },
};

/** Those that ask for somebody. */
const ASKING = ["unreachable", "critical", "warning"];

/**
 * The worst first; within one state by name, so that a row stands where it stood.
 *
 * @param {BenchRow[]} benches
 * @returns {BenchRow[]}
 */
export function worstFirst(benches) {
	return [...benches].sort(
		(a, b) => STATES[a.state].rank - STATES[b.state].rank || a.name.localeCompare(b.name),
	);
}

/**
 * @param {BenchRow[]} benches
 * @param {{ text?: string, state?: string }} filters
 * @returns {BenchRow[]}
 */
export function matching(benches, { text = "", state = "" }) {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	return benches.filter((bench) => {
		if (state === "asking" && !ASKING.includes(bench.state)) return false;
		const said = [bench.name, bench.server, ...bench.labels].join(" ").toLowerCase();
		return words.every((word) => said.includes(word));
	});
}

/**
 * @param {BenchRow[]} benches
 * @returns {number}
 */
export function askingBenches(benches) {
	return benches.filter((bench) => ASKING.includes(bench.state)).length;
}

/**
 * @param {Translate} __
 * @param {BenchRow[]} benches
 * @returns {string}
 */
export function fleetSentence(__, benches) {
	const asking = askingBenches(benches);
	if (asking) {
		if (benches.length === 1) return __("The bench needs you.");
		return asking === 1
			? __("1 of {0} benches needs you.", [count(benches.length)])
			: __("{0} of {1} benches need you.", [count(asking), count(benches.length)]);
	}
	if (!benches.length) return __("There is no bench here that you may look at.");
	const unknown = benches.filter((bench) => bench.state === "unknown").length;
	if (unknown) {
		const words = [count(unknown), count(benches.length)];
		return __("No evidence that all is well: {0} of {1} benches.", words);
	}
	return __("All benches are well.");
}

/**
 * The colour of the worst.
 *
 * @param {BenchRow[]} benches
 * @returns {string}
 */
export function fleetColor(benches) {
	const worst = worstFirst(benches)[0];
	return worst ? STATES[worst.state].color : "gray";
}

/**
 * @param {Translate} __
 * @param {BenchRow[]} benches
 * @returns {StatusItem[]}
 */
export function fleetStatus(__, benches) {
	const seen = benches.filter((bench) => !bench.unreachable);
	const unreachable = benches.length - seen.length;
	/** @type {(of: (bench: BenchRow) => number | null | undefined) => number} */
	const sum = (of) => seen.reduce((all, bench) => all + (of(bench) ?? 0), 0);
	const busy = sum((bench) => bench.workers?.busy);
	const idle = sum((bench) => bench.workers?.idle);
	const waiting = sum((bench) => bench.waiting);
	return [
		{
			text:
				benches.length === 1 ? __("1 bench") : __("{0} benches", [count(benches.length)]),
		},
		...(unreachable
			? [{ text: __("{0} cannot be reached", [count(unreachable)]), bad: true }]
			: []),
		{ text: waiting === 1 ? __("1 job waits") : __("{0} jobs wait", [count(waiting)]) },
		{ text: workersText(__, { busy, idle, draining: 0 }) },
	];
}

/**
 * @param {Translate} __
 * @param {BenchRow} bench
 * @param {number} now
 * @returns {StatusItem}
 */
export function schedulerText(__, { scheduler }, now) {
	if (!scheduler) return { text: "" };
	const { sites, down, tickedAt } = scheduler;
	if (down) {
		const text = sites === 1 ? __("off") : __("{0} of {1} off", [down, sites]);
		return { text, bad: true };
	}
	if (!tickedAt) return { text: __("no tick yet") };
	const age = Math.floor(secondsSince(tickedAt, now) ?? 0);
	return { text: __("ticked {0} ago", [duration(__, age)]) };
}

/**
 * What workers are told not to do, in a few words; "" when nothing.
 *
 * @param {Translate} __
 * @param {BenchRow} bench
 * @returns {string}
 */
export function heldText(__, { suspended, paused }) {
	if (suspended) return __("workers are suspended");
	return paused.length ? __("paused: {0}", [paused.join(", ")]) : "";
}
