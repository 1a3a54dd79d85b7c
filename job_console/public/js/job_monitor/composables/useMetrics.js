import { computed } from "vue";
import { comparedUntil, EVERY_MS } from "../domain/charts.js";
import { usePolled } from "./usePolled.js";

/** Metrics of a range, and of the one that it is compared with, kept fresh while they are on screen. */
export function useMetrics({ load, filters, looks, pace }) {
	const key = computed(() => {
		const { last, by, until, queue, method, site } = filters.value;
		const asked = { last: last || "24h", by: by || "method", until, queue, method, site };
		return JSON.stringify({ asked, compare: filters.value.compare });
	});

	async function ask() {
		const { asked, compare } = JSON.parse(key.value);
		const now = await load(asked);
		const until = comparedUntil(compare, now);
		return { now, before: until ? await load({ ...asked, until }) : null };
	}

	return usePolled({ ask, when: [key], looks, everyMs: EVERY_MS, pace });
}
