import { onScopeDispose, ref, shallowRef, watch } from "vue";
import { keepUnchanged } from "../domain/unchanged.js";
import { useFollowing } from "./useFollowing.js";

/** The open job with all that is known of it and why, kept fresh while it is open. */
export function useJobDetail({ show, explain, id, snapshot, acted }) {
	const job = shallowRef(null);
	const explanation = shallowRef(undefined); // not known yet; null: nobody can say
	const error = ref(null);
	let asking = null; // {about, again}: what is being explained
	let turn = 0;

	async function load() {
		turn += 1;
		const mine = turn;
		ask();
		try {
			const answer = await show(id.value);
			if (mine !== turn) return;
			job.value = keepUnchanged(job.value, answer);
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
		explanation.value = keepUnchanged(explanation.value, known);
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
	useFollowing(snapshot, load);
	onScopeDispose(() => {
		turn += 1;
		asking = null;
	});
	return { job, explanation, error, load };
}
