import { onScopeDispose, ref, shallowRef } from "vue";

// Enough to read; more hits mean that the question is too wide, and the page says so.
export const MAX_HITS = 300;

/** A long search in slices: hits appear as they are found, and it can be stopped. */
export function useSearch(search) {
	const hits = shallowRef([]);
	const scanned = ref(0);
	const of = ref(0);
	const byExpiry = ref(false);
	const state = ref("idle"); // idle | running | done | stopped | full
	const error = ref(null);
	let turn = 0;

	async function start(filters) {
		turn += 1;
		const mine = turn;
		hits.value = [];
		scanned.value = 0;
		of.value = 0;
		byExpiry.value = false;
		error.value = null;
		state.value = "running";
		let cursor;
		try {
			do {
				const slice = await search({ ...filters, cursor });
				if (mine !== turn) return;
				take(slice);
				cursor = slice.cursor;
			} while (cursor && state.value === "running");
			if (state.value === "running") state.value = "done";
		} catch (problem) {
			if (mine !== turn) return;
			error.value = problem;
			state.value = "stopped";
		}
	}

	function take(slice) {
		const known = new Set(hits.value.map((job) => job.id));
		hits.value = [...hits.value, ...slice.jobs.filter((job) => !known.has(job.id))];
		scanned.value = Math.max(scanned.value, slice.scanned);
		of.value = Math.max(slice.of, scanned.value);
		byExpiry.value = Boolean(slice.byExpiry);
		if (hits.value.length >= MAX_HITS && slice.cursor) state.value = "full";
	}

	/** A search is not repeated by itself: what was done to its hits is written on them. */
	function note(results) {
		const after = new Map(results.filter((r) => r.ok).map((r) => [r.jobId, r.stateAfter]));
		hits.value = hits.value.map((job) =>
			after.has(job.id)
				? { ...job, status: after.get(job.id) || "vanished", actions: [] }
				: job,
		);
	}

	function stop() {
		turn += 1;
		if (state.value === "running") state.value = "stopped";
	}

	onScopeDispose(stop);
	return { hits, scanned, of, byExpiry, state, error, start, stop, note };
}
