import { computed, shallowRef } from "vue";
import { usePolled } from "./usePolled.js";

const EVERY_MS = 5000;

/**
 * The groups of failures. While somebody has them in hand (`held`) they change in place and none
 * moves; new ones wait until they are asked for.
 */
export function useFailures({ load, query, snapshot, held, acted, pace }) {
	const { answer, error } = usePolled({
		ask: () => load(query.value),
		of: [query],
		when: [snapshot, ...acted],
		everyMs: EVERY_MS,
		pace,
		answered: take,
	});
	const groups = shallowRef([]);
	const asked = shallowRef(null);

	function take(found) {
		if (held.value && asked.value === query.value) merge(found.groups);
		else show();
	}

	function show() {
		asked.value = query.value;
		groups.value = answer.value.groups;
	}

	/** One that has gone stays where it stood, with nothing in it. */
	function merge(found) {
		const byKey = new Map(found.map((group) => [group.key, group]));
		groups.value = groups.value.map(
			(group) => byKey.get(group.key) || { ...group, count: 0, canary: null },
		);
	}

	const waiting = computed(() => {
		const shown = new Set(groups.value.map((group) => group.key));
		return (answer.value?.groups || []).filter((group) => !shown.has(group.key)).length;
	});

	return { answer, groups, waiting, error, showNew: show };
}
