import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";
import { keepUnchanged } from "../domain/unchanged.js";
import { useFollowing } from "./useFollowing.js";

/**
 * One page of jobs. While somebody has it in hand (`held`) rows change in place and never
 * move; what is new waits (`waiting`) until they ask for it with `showNew`. `acted` changes
 * when the reader has done something to jobs: they want to see it at once.
 */
export function useJobList({ load, query, snapshot, held, acted }) {
	const rows = shallowRef([]);
	const page = shallowRef(null); // totals of the newest answer
	const fresh = shallowRef(null); // the newest answer, not shown yet
	const gone = ref(new Set()); // shown, but no longer in this list
	const loading = ref(true);
	const error = ref(null);
	let turn = 0;

	async function fetchPage(quiet) {
		turn += 1;
		const mine = turn;
		if (!quiet) loading.value = true;
		try {
			const found = await load(query.value);
			if (mine !== turn) return;
			const answer = keepUnchanged(page.value, found);
			error.value = null;
			page.value = answer;
			if (quiet && held.value && rows.value.length) merge(answer);
			else show(answer);
		} catch (problem) {
			if (mine === turn) error.value = problem;
		} finally {
			if (mine === turn) loading.value = false;
		}
	}

	function show(answer) {
		rows.value = answer.jobs;
		fresh.value = null;
		gone.value = new Set();
	}

	function merge(answer) {
		const byId = new Map(answer.jobs.map((job) => [job.id, job]));
		gone.value = new Set(rows.value.filter((r) => !byId.has(r.id)).map((r) => r.id));
		rows.value = rows.value.map((row) => byId.get(row.id) || row);
		fresh.value = answer;
	}

	const waiting = computed(() => {
		if (!fresh.value) return 0;
		const shown = new Set(rows.value.map((row) => row.id));
		return fresh.value.jobs.filter((job) => !shown.has(job.id)).length;
	});

	watch(query, () => fetchPage(false), { immediate: true });
	useFollowing(snapshot, () => fetchPage(true));
	watch(acted, () => fetchPage(true));
	onScopeDispose(() => (turn += 1));

	return {
		rows,
		page,
		gone,
		waiting,
		loading,
		error,
		showNew: () => fresh.value && show(fresh.value),
		reload: () => fetchPage(false),
	};
}
