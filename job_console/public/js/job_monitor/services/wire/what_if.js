// What would change with other workers, queues or schedules.

/** @import { QueueWhatIf, WhatIf } from "../../domain/types/what_if" */
/** @import { WireQueueWhatIf, WireWhatIf } from "./types/what_if" */

/**
 * @param {WireWhatIf} wire
 * @returns {WhatIf}
 */
export function toWhatIf(wire) {
	return {
		workers: wire.workers,
		busy: wire.busy,
		queues: wire.queues.map(toQueue),
		keep: wire.keep && { text: wire.keep.text, options: wire.keep.options },
		notes: wire.notes,
		assumed: wire.assumed,
		methods: wire.methods,
		schedules: wire.schedules.map(({ name }) => name),
	};
}

/**
 * @param {WireQueueWhatIf} wire
 * @returns {QueueWhatIf}
 */
function toQueue(wire) {
	const { name, label, known } = wire;
	return { name, label, known, nowS: wire.now_s, thenS: wire.then_s };
}
