// Before a deploy: what still runs.

/** @import { Drain } from "../../domain/types/snapshot" */
/** @import { WireDrain } from "./types/snapshot" */

/**
 * @param {WireDrain} wire
 * @returns {Drain}
 */
export function toDrain(wire) {
	return {
		draining: wire.draining,
		safe: wire.safe,
		text: wire.text,
		blocks: wire.blocks.map((block) => ({
			jobId: block.job_id,
			label: block.label,
			queue: block.queue,
			taken: block.taken,
			ranS: block.ran_s,
			leftS: block.left_s,
			mostS: block.most_s,
		})),
		lost: (wire.lost || []).map((job) => ({
			jobId: job.job_id,
			label: job.label,
			queue: job.queue,
		})),
		blocksTotal: wire.blocks_total,
		blocksAtLeast: Boolean(wire.blocks_at_least),
	};
}
