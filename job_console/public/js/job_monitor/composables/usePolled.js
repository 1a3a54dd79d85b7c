import { onScopeDispose, ref, shallowRef, watch } from "vue";

/**
 * Keeps an answer fresh while it is on screen: asked again when one of `when` changes, and every so
 * often. A failure leaves the last one; of answers that overtake each other the newest question's counts.
 */
export function usePolled({ ask, when, everyMs }) {
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

	watch(when, load, { immediate: true });
	const timer = setInterval(() => !document.hidden && load(), everyMs);
	onScopeDispose(() => clearInterval(timer));
	return { answer, error };
}
