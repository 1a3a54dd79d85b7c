import { computed, ref } from "vue";

// A finger has no pointer that rests somewhere: on a touch screen a list always holds.
const TOUCH = globalThis.matchMedia?.("(hover: none)").matches ?? false;

/** Whether somebody has a list in hand: pointer on it, focus in it, or rows ticked. */
export function useInteraction(ticked = () => false) {
	const pointed = ref(false);
	const focused = ref(false);
	const held = computed(() => TOUCH || pointed.value || focused.value || ticked());
	const listeners = {
		pointerenter: () => (pointed.value = true),
		pointerleave: () => (pointed.value = false),
		focusin: () => (focused.value = true),
		focusout: () => (focused.value = false),
	};
	return { held, listeners };
}
