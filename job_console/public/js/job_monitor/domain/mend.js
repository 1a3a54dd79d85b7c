// Needs no job: it is the bench that is mended.
const BENCH_WIDE = ["resume"];

/** How many things could be mended without asking anybody: each subject once. */
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
