import { onScopeDispose, ref, shallowRef, watch } from "vue";
import { keepUnchanged } from "../domain/unchanged.js";

/**
 * Keeps an answer fresh while it is on screen. `of`: what makes it another question, whose answer alone counts then.
 * `when`: after which the same one is asked again, and not twice at a time: answers that take longer than the pause
 * between two looks are shown all the same. `everyMs` after it was last asked it is asked again, too; `pace`: the
 * reader's own, of `useRefresh`, where that is slower. Infinity: only when something in `when` changes. `goesOn`:
 * whether the answer may still become another one by itself. `looks`: when the page last looked at the bench; what is
 * not asked for with each look is so at the reader's own pace, and when they say "look now".
 *
 * What an answer has in common with the one before stays the same object; `answered` is called with each. A failure
 * leaves the last one.
 */
export function usePolled({
	ask,
	of = [],
	when,
	looks = null,
	everyMs = null,
	goesOn = () => true,
	pace = ref(null),
	answered = () => {},
}) {
	const answer = shallowRef(null);
	const error = ref(null);
	let asking = null; // {again}: the question under way
	let timer = null;
	let askedAt = 0;

	async function load() {
		if (asking) {
			asking.again = true;
			return;
		}
		const mine = { again: false };
		asking = mine;
		askedAt = Date.now();
		restart();
		try {
			const found = await ask();
			if (mine !== asking) return;
			answer.value = keepUnchanged(answer.value, found);
			error.value = null;
			answered(answer.value);
		} catch (problem) {
			if (mine !== asking) return;
			error.value = problem;
		}
		asking = null;
		if (mine.again) load();
	}

	const isDue = () => pace.value === null || Date.now() - askedAt >= pace.value;

	function restart() {
		clearInterval(timer);
		if (everyMs)
			timer = setInterval(() => !document.hidden && goesOn() && isDue() && load(), everyMs);
	}

	function askAnother() {
		asking = null;
		load();
	}

	watch(of, askAnother);
	watch(when, load);
	if (looks) watch(looks, () => pace.value !== null && load());
	load(); // by itself: Vue 3.3 calls no immediate watcher of an empty list
	onScopeDispose(() => {
		asking = null;
		clearInterval(timer);
	});
	return { answer, error };
}
