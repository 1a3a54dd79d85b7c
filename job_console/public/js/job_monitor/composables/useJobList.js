import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";

// A list under somebody's eyes is looked at again this often, at most.
const REFRESH_MS = 5000;

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
	let lastLoad = 0;
	let timer = null;

	async function fetchPage(quiet) {
		clearTimeout(timer);
		turn += 1;
		const mine = turn;
		lastLoad = Date.now();
		if (!quiet) loading.value = true;
		try {
			const answer = await load(query.value);
			if (mine !== turn) return;
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
	// Put off, never dropped: the last change must be seen even when nothing follows it.
	watch(snapshot, () => {
		clearTimeout(timer);
		timer = setTimeout(fetchPage, Math.max(lastLoad + REFRESH_MS - Date.now(), 0), true);
	});
	watch(acted, () => fetchPage(true));
	onScopeDispose(() => {
		turn += 1;
		clearTimeout(timer);
	});

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
