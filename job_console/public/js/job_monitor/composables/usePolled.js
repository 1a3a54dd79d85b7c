import { onScopeDispose, ref, shallowRef, watch } from "vue";

/**
 * Keeps an answer fresh while it is on screen: asked again when one of `when` changes, and every so
 * often. A failure leaves the last one; of answers that overtake each other the newest question's counts.
 * `pace`: the reader's own, of `useRefresh`, where that is slower; Infinity: only when something in `when` changes.
 */
export function usePolled({ ask, when, everyMs, pace = ref(null) }) {
	const answer = shallowRef(null);
	const error = ref(null);
	let asked = 0;
	let askedAt = 0;

	async function load() {
		const mine = (asked += 1);
		askedAt = Date.now();
		try {
			const found = await ask();
			if (mine !== asked) return;
			answer.value = found;
			error.value = null;
		} catch (problem) {
			if (mine === asked) error.value = problem;
		}
	}

	watch(when, load, { immediate: true });
	const isDue = () => pace.value === null || Date.now() - askedAt >= pace.value;
	const timer = setInterval(() => !document.hidden && isDue() && load(), everyMs);
	onScopeDispose(() => clearInterval(timer));
	return { answer, error };
}
