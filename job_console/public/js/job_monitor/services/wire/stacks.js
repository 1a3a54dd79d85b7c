// Where a running job is: the wire's answer, in the page's own words.

/** @import { ProcessUse, Profile, Stack, Stacks } from "../../domain/types/stack" */
/** @import { WireProcess, WireProfile, WireStacks } from "./types/stacks" */

/**
 * @param {WireStacks} wire
 * @returns {Stacks}
 */
export function toStacks(wire) {
	const stacks = (wire.stacks || []).map(toStack);
	return {
		verdict: wire.verdict,
		text: wire.text,
		place: wire.place || null,
		main: stacks.find((stack) => stack.main) || null,
		native: wire.native || [],
		others: stacks.filter((stack) => !stack.main),
		process: wire.process ? toProcess(wire.process) : null,
		at: wire.at ? new Date(wire.at) : null,
	};
}

/**
 * @param {WireProfile} wire
 * @returns {Profile}
 */
export function toProfile(wire) {
	return {
		problem: wire.problem,
		samples: wire.samples,
		forS: wire.for_s,
		cpuS: wire.cpu_s,
		unseenS: wire.unseen_s,
		stacks: wire.stacks || [],
	};
}

/**
 * @param {WireStacks["stacks"][number]} wire
 * @returns {Stack}
 */
function toStack(wire) {
	return { main: Boolean(wire.main), frames: wire.frames || [] };
}

/**
 * @param {WireProcess} wire
 * @returns {ProcessUse}
 */
function toProcess(wire) {
	return {
		cpuShare: wire.cpu_share ?? null,
		cpuS: wire.cpu_s,
		memory: wire.memory_bytes,
		peak: wire.peak_memory_bytes,
		threads: wire.threads,
	};
}
