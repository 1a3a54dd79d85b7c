import { onScopeDispose, ref } from "vue";

// So long after somebody last moved the pointer or pressed a key, nobody works in the page.
export const WORKED_MS = 30_000;
const KEPT = 10;
const INPUT = ["pointermove", "pointerdown", "wheel", "keydown", "focusin"];

/**
 * What time it is, for all ages of the page. `now` is the server's clock as far as we know it, so that ages are right on
 * a computer whose clock is not; `here` is the browser's own.
 *
 * Each tick draws a frame, and that costs more than all that is in it. Where somebody works it ticks once a second. A
 * page that is seen and that nobody works in is drawn when there is something to show: its ages move with each look.
 */
export function useClock() {
	const here = ref(Date.now());
	const now = ref(Date.now());
	let ahead = 0;
	/** @type {number[]} how far ahead the server's clock seemed to be, of the last looks */
	let seemed = [];
	let workedAt = Date.now();

	const isWorkedIn = () => Date.now() - workedAt < WORKED_MS;

	function tick() {
		if (document.hidden) return;
		here.value = Date.now();
		now.value = here.value + ahead;
	}

	function work() {
		const before = isWorkedIn();
		workedAt = Date.now();
		if (!before) tick();
	}

	/**
	 * A look has ended. `at`: the server's time, if it said one. Small differences are the journey's, not the clock's; and
	 * on a busy server the journey is long, which makes its clock seem late and never early: the quickest look counts.
	 */
	function looked(at) {
		const before = ahead;
		if (at) seemed = [...seemed.slice(1 - KEPT), at.getTime() - Date.now()];
		const difference = seemed.length ? Math.max(...seemed) : 0;
		ahead = Math.abs(difference) > 2000 ? difference : 0;
		// Between two ticks nothing is drawn twice, unless ages were wrong.
		if (!isWorkedIn() || Math.abs(ahead - before) > 1000) tick();
	}

	const timer = setInterval(() => isWorkedIn() && tick(), 1000);
	const listening = { capture: true, passive: true };
	document.addEventListener("visibilitychange", work);
	for (const event of INPUT) document.addEventListener(event, work, listening);
	onScopeDispose(() => {
		clearInterval(timer);
		document.removeEventListener("visibilitychange", work);
		for (const event of INPUT) document.removeEventListener(event, work, listening);
	});
	return { now, here, looked };
}
