// Server-sent events: hints that something changed. A hidden tab listens to nothing: a
// browser allows few connections to one server, and every listener costs it a thread.

/** @import { HostListener } from "./types" */

/**
 * @param {string} url
 * @param {HostListener} listener
 * @returns {() => void}
 */
export function listenToEvents(url, listener) {
	/** @type {EventSource | null} */
	let source = null;

	function open() {
		source = new EventSource(url);
		source.addEventListener("open", () => listener("open"));
		source.addEventListener("changed", ({ data }) => listener("changed", JSON.parse(data).at));
		// The browser connects again by itself; the page polls meanwhile.
		source.addEventListener("error", () => listener("closed"));
	}

	function close() {
		source?.close();
		source = null;
	}

	function follow() {
		if (document.hidden) {
			close();
			listener("closed");
		} else if (!source) {
			open();
		}
	}

	document.addEventListener("visibilitychange", follow);
	if (!document.hidden) open();
	return () => {
		document.removeEventListener("visibilitychange", follow);
		close();
	};
}
