// The page's address and the page's state are two spellings of one thing, so that a
// link shows what its sender saw.

/** {path: ["jobs"], query: {status, job}} -> {view, filters, job} */
export function stateFromRoute({ path, query }, views) {
	const view = views.find((v) => v.id === path[0]) || views[0];
	const filters = {};
	for (const name of view.filters) {
		if (query[name]) filters[name] = String(query[name]);
	}
	return { view: view.id, filters, job: query.job || null };
}

/** {view, filters, job} -> {path, query}; the first view has no path of its own. */
export function routeFromState({ view, filters = {}, job = null }, views) {
	const known = views.find((v) => v.id === view) || views[0];
	const query = {};
	for (const name of known.filters) {
		if (filters[name]) query[name] = filters[name];
	}
	if (job) query.job = job;
	return { path: known === views[0] ? [] : [known.id], query };
}

export function queryString(query) {
	const text = new URLSearchParams(query).toString();
	return text ? `?${text}` : "";
}

export function queryFrom(search) {
	return Object.fromEntries(new URLSearchParams(search));
}
