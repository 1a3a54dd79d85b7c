import { onScopeDispose, ref, shallowRef, watch } from "vue";

// An open job is looked at again with the page, but not more often than this.
const REFRESH_MS = 2000;

/** The open job with all that is known of it and why, kept fresh while it is open. */
export function useJobDetail({ show, explain, id, snapshot, acted }) {
	const job = shallowRef(null);
	const explanation = shallowRef(undefined); // not known yet; null: nobody can say
	const error = ref(null);
	let asking = null; // {about, again}: what is being explained
	let turn = 0;
	let lastLoad = 0;
	let timer = null;

	async function load() {
		clearTimeout(timer);
		turn += 1;
		const mine = turn;
		lastLoad = Date.now();
		ask();
		try {
			const answer = await show(id.value);
			if (mine !== turn) return;
			job.value = answer;
			error.value = null;
		} catch (problem) {
			if (mine === turn) error.value = problem;
		}
	}

	/**
	 * The reasons come on top of the facts: without them the drawer still has those. Proving
	 * one can take longer than the pause between two looks, so they have a pace of their own.
	 */
	async function ask() {
		const about = id.value;
		if (asking?.about === about) {
			asking.again = true;
			return;
		}
		const mine = { about, again: false };
		asking = mine;
		const known = await explain(about).catch(() => null);
		if (mine !== asking) return;
		asking = null;
		explanation.value = known;
		if (mine.again) ask();
	}

	watch(
		id,
		() => {
			job.value = null;
			explanation.value = undefined;
			error.value = null;
			load();
		},
		{ immediate: true },
	);
	// What the reader did, they want to see done at once.
	watch(acted, load);
	// Put off, never dropped: the change may be the one that this job was opened for.
	watch(snapshot, () => {
		clearTimeout(timer);
		timer = setTimeout(load, Math.max(lastLoad + REFRESH_MS - Date.now(), 0));
	});
	onScopeDispose(() => {
		turn += 1;
		asking = null;
		clearTimeout(timer);
	});
	return { job, explanation, error, load };
}
