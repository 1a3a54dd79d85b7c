// Needs no job: it is the bench that is mended.
/** @import { Warning } from "./types/warning" */

const BENCH_WIDE = ["resume"];

/**
 * How many things could be mended without asking anybody: each subject once.
 *
 * @param {Warning[]} warnings
 * @returns {number}
 */
export function safeToMend(warnings) {
	const subjects = new Set();
	for (const warning of warnings) {
		const remedy = warning.remedies.find((each) => each.safe);
		if (!remedy) continue;
		if (remedy.action === "release_lock") subjects.add(`|${warning.evidence.lock}`);
		else if (warning.jobId) subjects.add(warning.jobId);
		else if (BENCH_WIDE.includes(remedy.action)) subjects.add(`|${remedy.action}`);
	}
	return subjects.size;
}
