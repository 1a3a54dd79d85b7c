import { computed, ref } from "vue";

/** Which of the rows on screen are ticked. `rows` is a ref of jobs. */
export function useSelection(rows) {
	const ids = ref(new Set());
	let anchor = null;

	const selected = computed(() => rows.value.filter((row) => ids.value.has(row.id)));
	const all = computed(
		() => rows.value.length > 0 && selected.value.length === rows.value.length,
	);

	function set(list, on) {
		const next = new Set(ids.value);
		for (const id of list) {
			if (on) next.add(id);
			else next.delete(id);
		}
		ids.value = next;
	}

	/** With shift, everything between the last ticked row and this one. */
	function toggle(id, withShift = false) {
		const on = !ids.value.has(id);
		const order = rows.value.map((row) => row.id);
		const [from, to] = [order.indexOf(anchor), order.indexOf(id)];
		if (withShift && from >= 0 && to >= 0) {
			set(order.slice(Math.min(from, to), Math.max(from, to) + 1), on);
		} else {
			set([id], on);
		}
		anchor = id;
	}

	return {
		selected,
		all,
		has: (id) => ids.value.has(id),
		toggle,
		toggleAll: () =>
			set(
				rows.value.map((row) => row.id),
				!all.value,
			),
		clear: () => (ids.value = new Set()),
	};
}
