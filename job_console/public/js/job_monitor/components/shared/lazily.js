import { defineAsyncComponent } from "vue";
import LoadFailed from "./LoadFailed.vue";
import SkeletonRows from "./SkeletonRows.vue";

// What is there at once needs no skeleton, which would only blink.
const DELAY_MS = 150;

/**
 * A part of the page that is loaded when it is first shown. (In the desk, whose build makes one file, it is only run
 * then.)
 */
export function lazily(loader, { skeleton = true } = {}) {
	return defineAsyncComponent({
		loader,
		delay: DELAY_MS,
		errorComponent: LoadFailed,
		...(skeleton ? { loadingComponent: SkeletonRows } : {}),
	});
}
