import { nextTick, onMounted, onScopeDispose, watch } from "vue";

/**
 * What uPlot draws, as long as its component is there: anew when one of `changes` does, or the theme, which a canvas does
 * not follow by itself.
 *
 * @param {() => import("uplot") | null} draw null: there is nothing to draw, or nowhere
 * @param {import("vue").WatchSource[]} changes
 */
export function usePlot(draw, changes) {
	/** @type {import("uplot") | null} */
	let plot = null;
	const anew = () => {
		plot?.destroy();
		plot = draw();
	};
	const soon = () => nextTick(anew);
	watch(changes, soon);
	onMounted(anew);
	const theme = new MutationObserver(soon);
	theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
	onScopeDispose(() => {
		theme.disconnect();
		plot?.destroy();
	});
}

/**
 * @param {Element} element
 * @param {string} name of a custom property
 */
export function colourOf(element, name) {
	return getComputedStyle(element).getPropertyValue(name).trim() || "gray";
}

/**
 * How an axis looks on this element.
 *
 * @param {Element} element
 */
export function axisOn(element) {
	return {
		stroke: colourOf(element, "--text-muted"),
		grid: { stroke: colourOf(element, "--border-color"), width: 1 },
	};
}
