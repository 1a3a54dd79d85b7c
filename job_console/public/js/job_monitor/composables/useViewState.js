import { onScopeDispose, shallowRef } from "vue";
import { routeFromState, stateFromRoute } from "../domain/route.js";

/** What is on screen (view, filters, open job), kept in the address. */
export function useViewState(route, views) {
	const state = shallowRef(stateFromRoute(route.get(), views));
	onScopeDispose(
		route.onChange(() => {
			state.value = stateFromRoute(route.get(), views);
		}),
	);

	/** `change` holds what differs; another view starts with no filters of the old one. */
	function next(change) {
		const elsewhere = change.view && change.view !== state.value.view;
		return { ...state.value, ...(elsewhere ? { filters: {} } : {}), ...change };
	}

	function go(change, { replace = false } = {}) {
		const to = next(change);
		state.value = to;
		route.set(routeFromState(to, views), { replace });
	}

	return {
		state,
		go,
		href: (change) => route.href(routeFromState(next(change), views)),
		setFilter(name, value) {
			const filters = { ...state.value.filters, [name]: value || undefined };
			if (name !== "page") delete filters.page;
			go({ filters }, { replace: true });
		},
		openJob: (id) => go({ job: id }, { replace: Boolean(state.value.job) }),
		closeJob: () => state.value.job && go({ job: null }),
	};
}
