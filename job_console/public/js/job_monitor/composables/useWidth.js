import { onMounted, onScopeDispose, ref } from "vue";

/**
 * How wide an element is, in whole pixels, as long as it stands there; 0 before it is known.
 *
 * @param {import("vue").Ref<HTMLElement | null>} element
 * @returns {import("vue").Ref<number>}
 */
export function useWidth(element) {
	const width = ref(0);
	// Not in every place where the page is tested.
	const observer = globalThis.ResizeObserver
		? new ResizeObserver(([{ contentRect }]) => (width.value = Math.round(contentRect.width)))
		: null;
	onMounted(() => element.value && observer?.observe(element.value));
	onScopeDispose(() => observer?.disconnect());
	return width;
}
