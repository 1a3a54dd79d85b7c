/** @import { Look, Translate } from "./types/common" */
/** @import { Actor, Holder, Lock, Wait } from "./types/lock" */
import { shortId, shortMethod } from "./format.js";
import { __ } from "./translatable.js";

// How locks look and who has them, in words.

/** @type {Record<string, Look>} */
const STATES = {
	held: { icon: "lock", color: "orange", text: __("Held") },
	shared: { icon: "lock", color: "blue", text: __("Shared") },
	orphaned: { icon: "ghost", color: "red", text: __("Orphaned") },
	free: { icon: "check", color: "gray", text: __("Free") },
	unknown: { icon: "question", color: "gray", text: __("Not known") },
};

/** @type {Record<string, string>} */
export const LOCK_KINDS = {
	file: __("Lock file"),
	document: __("Document"),
	scheduler: __("Scheduler"),
	"job id": __("Job id"),
};

/**
 * How a lease ended.
 *
 * @type {Record<string, string>}
 */
export const LEASE_ENDS = {
	released: __("gave it back"),
	lapsed: __("its lease ran out"),
	forced: __("it was taken from it"),
	abandoned: __("gave up as its turn came"),
};

/**
 * @param {string} state
 * @returns {Look}
 */
export function lockLook(state) {
	return STATES[state] || STATES.unknown;
}

/**
 * A lock's key without its site, which the page shows beside it.
 *
 * @param {string} key
 * @returns {string}
 */
export function shortKey(key) {
	const at = key.indexOf("|");
	return at >= 0 ? key.slice(at + 1) : key;
}

/**
 * The graph's name for somebody, as the engine makes it (`waitfor.actor`).
 *
 * @param {Actor} who
 * @returns {string | null}
 */
export function actorName(who) {
	if (who.jobId) return `job ${who.jobId}`;
	if (!who.thread || !who.pid || !who.host) return null;
	return `thread ${who.thread} of process ${who.pid} on ${who.host}`;
}

/**
 * What people call it: its method, else its job or process.
 *
 * @param {Translate} __
 * @param {Actor} who
 * @returns {string}
 */
export function displayName(__, who) {
	if (who.method) return shortMethod(who.method);
	if (who.jobId) return shortId(who.jobId);
	return who.pid
		? __("process {0} on {1}", [who.pid, who.host])
		: __("somebody who did not say");
}

/**
 * Why somebody waits, in words; `named` tells the name of whom the graph means.
 *
 * @param {Translate} __
 * @param {Wait} wait
 * @param {(name: string) => string} named
 * @returns {string}
 */
export function waitSentence(__, wait, named) {
	const words = [named(wait.waiter), named(wait.holder), shortKey(wait.lock)];
	return wait.inLine
		? __("{0} waits for {1}, who is before it in the line for {2}", words)
		: __("{0} waits for {1}, who has {2}", words);
}

/**
 * Everybody in these locks, by the name that the graph has for them.
 *
 * @param {Lock[]} locks
 * @returns {Map<string, Actor>}
 */
export function actorsOf(locks) {
	const known = new Map();
	for (const lock of locks) {
		for (const who of [...lock.holders, ...lock.waiters]) {
			const name = actorName(who);
			if (name && !known.has(name)) known.set(name, who);
		}
	}
	return known;
}

/**
 * The holder of `lock` that the graph calls `name`.
 *
 * @param {Lock[]} locks
 * @param {string} key
 * @param {string} name
 * @returns {Holder | null}
 */
export function holderOf(locks, key, name) {
	const lock = locks.find((each) => each.key === key);
	return lock?.holders.find((who) => actorName(who) === name) || null;
}
