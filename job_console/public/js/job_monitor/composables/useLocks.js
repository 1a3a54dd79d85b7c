import { onScopeDispose, ref, shallowRef, watch } from "vue";

// A lease's end moves with every renewal, and no event is sent for that.
export const LOCKS_MS = 4000;

/** Keeps the picture of all locks fresh while it is on screen; a failure leaves the last one. */
export function useLocks({ api, feed, idle, done }) {
	const picture = shallowRef(null);
	const error = ref(null);
	let asked = 0;

	async function load() {
		const mine = (asked += 1);
		try {
			const answer = await api.locks({ idle: idle.value });
			if (mine !== asked) return;
			picture.value = answer;
			error.value = null;
		} catch (problem) {
			if (mine === asked) error.value = problem;
		}
	}

	watch([idle, done, feed.picture], load, { immediate: true });
	const timer = setInterval(() => !document.hidden && load(), LOCKS_MS);
	onScopeDispose(() => clearInterval(timer));
	return { picture, error, load };
}
