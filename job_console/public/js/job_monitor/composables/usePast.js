import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";
import { keepUnchanged } from "../domain/unchanged.js";
import { momentOf, nextOf, spelled, SPEEDS } from "../domain/past.js";

/** The views that show the past. */
export const PAST_VIEWS = ["lanes", "workers"];
/** Where it begins: so long ago. */
const FIRST_MS = 60_000;

/**
 * The moment of the past that the address names, kept on screen; without one the page shows the present. `moment` is
 * the last answer, of whatever moment: while another one is asked for it stays.
 */
export function usePast({ ask, view, clock }) {
	const at = computed(() => momentOf(view.state.value.filters.at));
	const active = computed(() => at.value !== null);
	const moment = shallowRef(null);
	const error = ref(null);
	const loading = ref(false);
	const speed = ref(0);
	let asked = 0;
	let timer = null;

	async function load() {
		const mine = (asked += 1);
		if (at.value === null) {
			moment.value = error.value = null;
			loading.value = false;
			pause();
			return;
		}
		loading.value = true;
		try {
			const found = await ask({ at: spelled(at.value) });
			if (mine !== asked) return;
			moment.value = keepUnchanged(moment.value, found);
			error.value = null;
		} catch (problem) {
			if (mine !== asked) return;
			moment.value = null;
			error.value = problem;
			pause();
		}
		loading.value = false;
	}

	/** To another moment; the one before is left out of the browser's history. */
	function go(to) {
		const { filters } = view.state.value;
		view.go({ filters: { ...filters, at: spelled(to) } }, { replace: true });
	}

	function open() {
		const here = view.state.value.view;
		const filters = { at: spelled(clock.now.value - FIRST_MS) };
		view.go({ view: PAST_VIEWS.includes(here) ? here : PAST_VIEWS[0], filters, job: null });
	}

	function close() {
		const { at: _at, ...filters } = view.state.value.filters;
		view.go({ filters });
	}

	function play(times) {
		pause();
		const { every, step } = SPEEDS.find((each) => each.times === times);
		speed.value = times;
		timer = setInterval(() => {
			// What comes later than it is asked for is not played over.
			if (loading.value || !moment.value || document.hidden) return;
			const next = nextOf(moment.value, step);
			if (next === null) pause();
			else go(next);
		}, every);
	}

	function pause() {
		clearInterval(timer);
		speed.value = 0;
	}

	watch(at, load);
	load();
	onScopeDispose(() => {
		asked += 1;
		pause();
	});
	const snapshot = computed(() => (active.value ? moment.value?.snapshot || null : null));
	return { at, active, moment, snapshot, error, loading, speed, go, open, close, play, pause };
}
