import { onScopeDispose, ref, shallowRef, watch } from "vue";

// Minutes are what a schedule knows; runs and their ends are seen soon enough at this pace.
export const SCHEDULES_MS = 10_000;

/** Keeps an answer about schedules fresh while it is on screen; a failure leaves the last one. */
export function useSchedules({ ask, done }) {
	const answer = shallowRef(null);
	const error = ref(null);
	let asked = 0;

	async function load() {
		const mine = (asked += 1);
		try {
			const found = await ask();
			if (mine !== asked) return;
			answer.value = found;
			error.value = null;
		} catch (problem) {
			if (mine === asked) error.value = problem;
		}
	}

	watch(done, load, { immediate: true });
	const timer = setInterval(() => !document.hidden && load(), SCHEDULES_MS);
	onScopeDispose(() => clearInterval(timer));
	return { answer, error };
}
