import { onScopeDispose, ref, shallowRef, watch } from "vue";
import { keepUnchanged } from "../domain/unchanged.js";

// How often the page looks when nothing tells it to: time alone changes what is well. With live events that is all that
// it is for; without them it is all there is.
export const POLL_MS = 5000;
// While a job tells how far it has come: no event is sent for that, and a bar should move.
export const POLL_MOVING_MS = 2000;
// Two looks of one page are so far apart, whatever comes. How often there is news is decided by who sends it: one a
// second for all viewers, and some more after a quiet time.
export const GAP_MS = 100;
// News that does not say how new a look must be comes from inside a job's run, a moment before RQ writes its end down:
// the page looks once more this long after the last of them.
export const SETTLE_MS = 1500;
// After a failure: soon at first, then seldom.
export const BACK_OFF_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];

/**
 * Keeps one snapshot of the bench fresh. A failure never takes the snapshot away: it says
 * what is broken and since when, tries again ever more slowly, and recovers by itself.
 * `everyMs`: the reader's own pace (`domain/refresh.js`), which events do not change.
 */
export function useSnapshot({
	fetch,
	subscribe,
	initial = null,
	moving = () => false,
	everyMs = ref(null),
}) {
	const snapshot = shallowRef(initial);
	const seenAt = ref(null); // the browser's clock, when the snapshot was taken
	const broken = ref(null); // {type, message, since}
	const live = ref(false); // events arrive

	let timer = null;
	let settling = null;
	let busy = false;
	let again = false;
	let failures = 0;
	let lastStart = -Infinity;
	let since; // how new the next look must be, as the newest event says
	let stopped = false;

	function lookIn(ms) {
		clearTimeout(timer);
		if (ms !== Infinity) timer = setTimeout(look, ms);
	}

	async function look() {
		clearTimeout(timer);
		if (stopped || document.hidden) return;
		if (busy) {
			again = true;
			return;
		}
		const early = lastStart + GAP_MS - Date.now();
		if (early > 0) {
			lookIn(early);
			return;
		}
		busy = true;
		lastStart = Date.now();
		await take();
		busy = false;
		if (!stopped) lookIn(pause());
	}

	/** Something happened, as an event says: with a pace of its own the page sees it with its next look. */
	function happened(at) {
		if (everyMs.value === null) changed(at);
		else since = at ?? since;
	}

	function changed(at) {
		since = at ?? since;
		look();
		clearTimeout(settling);
		if (!at) settling = setTimeout(look, SETTLE_MS);
	}

	async function take() {
		const asked = since;
		since = undefined;
		try {
			const taken = await fetch({ since: asked });
			if (stopped) return;
			snapshot.value = keepUnchanged(snapshot.value, taken);
			seenAt.value = Date.now();
			broken.value = null;
			failures = 0;
		} catch (error) {
			if (stopped) return;
			failures += 1;
			const since = broken.value?.since || new Date();
			broken.value = { type: error.type || "ServerError", message: error.message, since };
		}
	}

	function pause() {
		const asked = again;
		again = false;
		if (asked && !broken.value) return 0;
		if (everyMs.value !== null) return everyMs.value;
		if (broken.value) return BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1];
		return moving(snapshot.value) ? POLL_MOVING_MS : POLL_MS;
	}

	// A stream that opens may have missed something; one that breaks may mean trouble.
	const unsubscribe = subscribe((event, at) => {
		const before = live.value;
		live.value = event !== "closed";
		if (event === "changed") happened(at);
		else if (live.value !== before && everyMs.value === null) look();
	});
	const onVisibility = () => {
		if (document.hidden) clearTimeout(timer);
		else if (everyMs.value !== Infinity) look();
	};
	watch(everyMs, (ms) => (ms === Infinity ? clearTimeout(timer) : look()));
	document.addEventListener("visibilitychange", onVisibility);
	onScopeDispose(() => {
		stopped = true;
		clearTimeout(timer);
		clearTimeout(settling);
		unsubscribe();
		document.removeEventListener("visibilitychange", onVisibility);
	});

	look();
	return { snapshot, seenAt, broken, live, refresh: () => changed() };
}
