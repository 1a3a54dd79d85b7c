/** @import { Actor, Lock, Locks, OtherLock, Wait } from "../../domain/types/lock" */
/** @import { WireActor, WireLock, WireLocks, WireOtherLock, WireWait } from "./types/locks" */
import { toDate } from "./time.js";

// Locks as the wire spells them, into the page's models.

/**
 * What is locked now: our locks, who waits for whom, deadlocks, and what else locks.
 *
 * @param {WireLocks} wire
 * @returns {Locks}
 */
export function toLocks(wire) {
	const at = toDate(wire.at);
	return {
		at,
		locks: (wire.locks || []).map((lock) => toLock(lock, at)),
		atLeast: Boolean(wire.locks_at_least),
		waits: (wire.waits || []).map(toWait),
		deadlocks: (wire.deadlocks || []).map((each) => ({
			waits: each.edges.map(toWait),
			victim: each.victim,
			lock: each.lock,
			since: toDate(each.since),
		})),
		others: (wire.others || []).map(toOther),
		othersAtLeast: Boolean(wire.others_at_least),
	};
}

/**
 * @param {WireLock} wire
 * @param {Date | null} at
 * @returns {Lock}
 */
export function toLock(wire, at) {
	return {
		key: wire.key,
		site: wire.site || null,
		state: wire.state,
		slots: wire.slots ?? null,
		holders: (wire.holders || []).map((who) => ({
			...toActor(who),
			fence: who.token,
			until: secondsAfter(at, who.expires_in_s),
		})),
		holdersTotal: wire.holders_total ?? (wire.holders || []).length,
		waiters: (wire.waiters || []).map(toActor),
		waitersAtLeast: Boolean(wire.waiters_at_least),
		past: (wire.last_holders || []).map((who) => ({
			...toActor(who),
			endedAt: toDate(who.ended_at),
			heldS: who.held_s,
			how: who.how,
		})),
		acquired: wire.acquired || 0,
		contended: wire.contended || 0,
		gaveUp: wire.gave_up || 0,
		lapsed: wire.lapsed || 0,
		longestHoldS: wire.longest_hold_s || 0,
	};
}

/**
 * @param {WireActor & { shared?: boolean }} wire
 * @returns {Actor}
 */
function toActor(wire) {
	return {
		jobId: wire.job_id || null,
		method: wire.method || null,
		user: wire.user || null,
		host: wire.host || null,
		pid: wire.pid ?? null,
		thread: wire.thread ?? null,
		since: toDate(wire.since),
		shared: Boolean(wire.shared),
	};
}

/**
 * @param {WireWait} wire
 * @returns {Wait}
 */
function toWait(wire) {
	return {
		waiter: wire.waiter,
		holder: wire.holder,
		lock: wire.lock,
		since: toDate(wire.since),
		inLine: Boolean(wire.in_line),
	};
}

/**
 * @param {WireOtherLock} wire
 * @returns {OtherLock}
 */
function toOther(wire) {
	return {
		key: wire.key,
		kind: wire.kind,
		name: wire.document ? wire.document.join(" ") : wire.name,
		document: wire.document || null,
		state: wire.state,
		says: wire.says,
		site: wire.site || null,
		since: toDate(wire.since),
		jobId: wire.owner?.job_id || null,
	};
}

/**
 * @param {Date | null} at
 * @param {number | null | undefined} seconds
 * @returns {Date | null}
 */
function secondsAfter(at, seconds) {
	if (!at || seconds === null || seconds === undefined) return null;
	return new Date(at.getTime() + seconds * 1000);
}
