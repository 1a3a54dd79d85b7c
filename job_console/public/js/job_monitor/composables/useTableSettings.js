import { ref } from "vue";
import { settled } from "../domain/job_columns.js";

/** Columns, density and page size of the table of jobs: kept in this browser, for each of its users. */
export function useTableSettings(user) {
	const key = `job-console:jobs:${user || ""}`;
	const settings = ref(settled(kept(key)));

	function change(part) {
		settings.value = settled({ ...settings.value, ...part });
		try {
			localStorage.setItem(key, JSON.stringify(settings.value));
		} catch {
			// A browser that keeps nothing shows it until the page is left.
		}
	}

	return { settings, change };
}

function kept(key) {
	try {
		return JSON.parse(localStorage.getItem(key));
	} catch {
		return null;
	}
}
