// The page's address and the page's state are two spellings of one thing, so that a
// link shows what its sender saw.

/** @import { Route, View, ViewState } from "./types/view" */

/**
 * {path: ["jobs"], query: {status, job}} -> {view, filters, job}
 *
 * @param {Route} route
 * @param {View[]} views
 * @returns {ViewState}
 */
export function stateFromRoute({ path, query }, views) {
	const view = views.find((v) => v.id === path[0]) || views[0];
	/** @type {ViewState["filters"]} */
	const filters = {};
	for (const name of view.filters) {
		if (query[name]) filters[name] = String(query[name]);
	}
	return { view: view.id, filters, job: query.job || null };
}

/**
 * {view, filters, job} -> {path, query}; the first view has no path of its own.
 *
 * @param {Pick<ViewState, "view"> & Partial<ViewState>} state
 * @param {View[]} views
 * @returns {Route}
 */
export function routeFromState({ view, filters = {}, job = null }, views) {
	const known = views.find((v) => v.id === view) || views[0];
	/** @type {Route["query"]} */
	const query = {};
	for (const name of known.filters) {
		const value = filters[name];
		if (value) query[name] = value;
	}
	if (job) query.job = job;
	return { path: known === views[0] ? [] : [known.id], query };
}

/**
 * @param {object} query
 * @returns {string}
 */
export function queryString(query) {
	const text = new URLSearchParams(/** @type {Record<string, string>} */ (query)).toString();
	return text ? `?${text}` : "";
}

/**
 * @param {string} search
 * @returns {Record<string, string>}
 */
export function queryFrom(search) {
	return Object.fromEntries(new URLSearchParams(search));
}
