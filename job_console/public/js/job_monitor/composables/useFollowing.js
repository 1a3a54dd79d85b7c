import { onScopeDispose, watch } from "vue";

/**
 * Asks again with each look at the bench, and not twice at a time: what changes while an answer is under way is asked
 * for when that has come.
 */
export function useFollowing(snapshot, ask) {
	let busy = false;
	let again = false;

	async function follow() {
		if (busy) {
			again = true;
			return;
		}
		busy = true;
		do {
			again = false;
			await ask();
		} while (again);
		busy = false;
	}

	watch(snapshot, follow);
	onScopeDispose(() => (again = false));
}
