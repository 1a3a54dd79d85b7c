import { computed, ref } from "vue";
import { everyMs, paceOf } from "../domain/refresh.js";

/** How often the page looks, as its reader has chosen: kept in this browser, for each of its users. */
export function useRefresh(user) {
	const key = `job-console:refresh:${user || ""}`;
	const pace = ref(paceOf(kept(key)));

	function choose(wanted) {
		pace.value = paceOf(wanted);
		try {
			localStorage.setItem(key, pace.value);
		} catch {
			// A browser that keeps nothing knows it until the page is left.
		}
	}

	return { pace, choose, everyMs: computed(() => everyMs(pace.value)) };
}

function kept(key) {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}
