/** @import { Translate } from "../domain/types/common" */
/** @import { Host, HostRoute, Overlay } from "./types" */
import { SLOW_CALLS, hostError } from "./host.js";
import { requestJson } from "./http.js";
import { icon, numberTitle } from "./tab.js";
import { listenToEvents } from "./web_events.js";
import { readerZone } from "../domain/habit.js";
import { queryFrom, queryString } from "../domain/route.js";

// The operator console, as a host: no framework, one server. Who has signed in carries a
// cookie, so that no token is ever in this page's hands.

/**
 * `overlay` shows dialogs and messages (web/overlay.js). `bench`: of a fleet, the one that this page is of. `words`: the
 * page's words in the reader's language; those that are missing are English.
 *
 * @param {{ overlay: Overlay, base?: string, bench?: string | null, words?: Record<string, string> }} place
 * @returns {Host}
 */
export function createWebHost({ overlay, base = currentBase(), bench = null, words = {} }) {
	/** @type {Translate} */
	const __ = (text, params) => translate(words[text] ?? text, params);
	/**
	 * @param {number} status
	 * @param {any} body
	 * @returns {[string, string | undefined]}
	 */
	function readError(status, body) {
		// The server gives its sign-in form for the page itself.
		if (status === 401) return ["Unauthorized", __("Reload the page to sign in.")];
		return [body?.error?.type || "ServerError", body?.error?.message];
	}
	return {
		name: "web",
		user: null,
		bench,
		call: (name, args) =>
			requestJson(
				__,
				`${base}api/${name}${queryString(args ?? {})}`,
				{ headers: { "X-Time-Zone": readerZone() } },
				readError,
			),
		post: (name, args) =>
			requestJson(
				__,
				`${base}api/${name}`,
				{
					method: "POST",
					headers: { "Content-Type": "application/json", "X-Time-Zone": readerZone() },
					body: JSON.stringify(args),
				},
				readError,
				SLOW_CALLS[name],
			),
		subscribe: (listener) => listenToEvents(`${base}api/events`, listener),
		notify: overlay.notify,
		confirm: async (question) =>
			(await overlay.ask({ ...question, fields: [], bench })) !== null,
		ask: (question) => overlay.ask({ ...question, bench }),
		__,
		route: createRoute(base),
		copy,
		showInTab,
		records: false,
		makesJobs: false,
		userUrl: () => null,
		docUrl: () => null,
		listUrl: () => null,
		newDoc: null,
	};
}

/**
 * The same placeholders as in the desk.
 *
 * @param {string} text
 * @param {unknown[]} params
 * @returns {string}
 */
export function translate(text, params = []) {
	return text.replace(/\{(\d+)\}/g, (whole, at) => String(params[at] ?? whole));
}

// Views are one step below the console's root, so the folder of the address is the root.
function currentBase() {
	return location.pathname.slice(0, location.pathname.lastIndexOf("/") + 1);
}

/**
 * @param {string} base
 * @returns {HostRoute}
 */
function createRoute(base) {
	/** @type {HostRoute} */
	const route = {
		get: () => ({
			path: location.pathname.slice(base.length).split("/").filter(Boolean),
			query: queryFrom(location.search),
		}),
		set(to, { replace = false } = {}) {
			history[replace ? "replaceState" : "pushState"](null, "", route.href(to));
		},
		href: ({ path, query }) => base + path.join("/") + queryString(query),
		onChange(listener) {
			window.addEventListener("popstate", listener);
			return () => window.removeEventListener("popstate", listener);
		},
	};
	return route;
}

/**
 * @param {number} asking
 * @param {string} color
 */
function showInTab(asking, color) {
	numberTitle(asking);
	document.querySelector("link[rel=icon]")?.setAttribute("href", icon(asking, color));
}

/**
 * @param {string} text
 */
async function copy(text) {
	if (navigator.clipboard && window.isSecureContext) {
		await navigator.clipboard.writeText(text);
		return;
	}
	// Over plain HTTP browsers hide the clipboard; the old way still works there.
	const field = document.createElement("textarea");
	field.value = text;
	field.style.position = "fixed";
	document.body.append(field);
	field.select();
	const copied = document.execCommand("copy");
	field.remove();
	if (!copied) throw hostError("Refused", "The browser did not allow copying.");
}
