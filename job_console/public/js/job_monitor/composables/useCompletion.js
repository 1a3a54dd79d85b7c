import { computed, onScopeDispose, ref, shallowRef } from "vue";

// Typing is not stopped for: asked when it pauses.
const PAUSE_MS = 120;

/** What may stand where the cursor is in a query, and which of it is chosen. `ask(text, cursor)` answers that. */
export function useCompletion({ ask, text }) {
	const answer = shallowRef(null);
	const chosen = ref(-1);
	const open = ref(false);
	let turn = 0;
	let timer = null;

	const offers = computed(() => (open.value ? answer.value?.offers || [] : []));
	const offersFrom = computed(() => answer.value?.from ?? 0);
	const mistake = computed(() => answer.value?.mistake || null);

	function look(cursor) {
		clearTimeout(timer);
		chosen.value = -1;
		open.value = true;
		timer = setTimeout(load, PAUSE_MS, cursor);
	}

	async function load(cursor) {
		turn += 1;
		const mine = turn;
		try {
			const of = text.value;
			const found = await ask(of, cursor);
			if (mine !== turn) return;
			answer.value = { ...found, of };
		} catch {
			// Without offers a query can be written all the same.
			if (mine === turn) answer.value = null;
		}
	}

	function step(by) {
		const count = offers.value.length;
		if (!count) return;
		chosen.value = (chosen.value + by + count + (chosen.value < 0 && by < 0 ? 1 : 0)) % count;
	}

	/** The text with an offer in its place, and where the cursor stands then. */
	function taken(offer) {
		const { from, of } = answer.value;
		// While it was asked somebody may have gone on writing the same word.
		const more = text.value.slice(from).search(/[\s,]/);
		const wordEnd = more < 0 ? text.value.length : from + more;
		const to = of === text.value ? answer.value.to : wordEnd;
		answer.value = null;
		const ends = /[:.]$/.test(offer.text) || text.value[to] === " " ? "" : " ";
		const written = text.value.slice(0, from) + offer.text + ends + text.value.slice(to);
		return { written, cursor: from + offer.text.length + ends.length };
	}

	function close() {
		clearTimeout(timer);
		turn += 1;
		open.value = false;
		chosen.value = -1;
	}

	onScopeDispose(close);
	return { offers, offersFrom, chosen, mistake, open, look, step, taken, close };
}
