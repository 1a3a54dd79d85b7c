import { onScopeDispose, ref } from "vue";

/**
 * Ticks once a second. `now` is the server's clock as far as we know it, so that ages are
 * right on a computer whose clock is not; `here` is the browser's own.
 */
export function useClock() {
	const here = ref(Date.now());
	const now = ref(Date.now());
	let ahead = 0;

	function tick() {
		if (document.hidden) return;
		here.value = Date.now();
		now.value = here.value + ahead;
	}

	/** The server said what time it is; small differences are the journey's, not the clock's. */
	function setServerTime(date) {
		if (!date) return;
		const difference = date.getTime() - Date.now();
		ahead = Math.abs(difference) > 2000 ? difference : 0;
		tick();
	}

	const timer = setInterval(tick, 1000);
	document.addEventListener("visibilitychange", tick);
	onScopeDispose(() => {
		clearInterval(timer);
		document.removeEventListener("visibilitychange", tick);
	});
	return { now, here, setServerTime };
}
