// The page, opened in a test whose clock stands still, and closed after it.
import { afterEach, beforeEach, vi } from "vitest";
import { mountPage, settle } from "./page.js";

export const NOW = new Date("2026-11-23T16:45:00Z");

/** Call it once in a test file; returns what opens the page. */
export function pageOpener() {
	let page;
	beforeEach(() => {
		vi.useFakeTimers({ toFake: ["Date", "setTimeout", "setInterval", "clearTimeout"] });
		vi.setSystemTime(NOW);
		Element.prototype.getClientRects = () => [{}];
		document.body.focus();
	});
	afterEach(() => {
		page.wrapper.unmount();
		vi.useRealTimers();
	});
	return async (options) => {
		page = await mountPage(options);
		return page;
	};
}

export function press(key, target = document.body) {
	target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
	return settle();
}
