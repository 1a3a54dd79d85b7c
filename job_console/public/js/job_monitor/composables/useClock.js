import { onScopeDispose, ref } from "vue";

/**
 * What time it is, for all ages of the page. `now` is the server's clock as far as we know it, so that ages are right on
 * a computer whose clock is not; `here` is the browser's own.
 *
 * Each tick draws a frame, and that costs more than all that is in it. Where somebody works it ticks once a second. A
 * window that is seen and that nobody works in is drawn when there is something to show: ages move with each look.
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

	function tickWhereSomebodyWorks() {
		if (document.hasFocus()) tick();
	}

	/** A look has ended. `at`: the server's time, if it said one; small differences are the journey's. */
	function looked(at) {
		const before = ahead;
		const difference = at ? at.getTime() - Date.now() : ahead;
		ahead = Math.abs(difference) > 2000 ? difference : 0;
		// Between two ticks nothing is drawn twice, unless ages were wrong.
		if (!document.hasFocus() || Math.abs(ahead - before) > 1000) tick();
	}

	const timer = setInterval(tickWhereSomebodyWorks, 1000);
	document.addEventListener("visibilitychange", tick);
	window.addEventListener("focus", tick);
	onScopeDispose(() => {
		clearInterval(timer);
		document.removeEventListener("visibilitychange", tick);
		window.removeEventListener("focus", tick);
	});
	return { now, here, looked };
}
