import { computed, watch } from "vue";
import { createFleetApi } from "../services/fleet.js";
import { fleetColor, askingBenches } from "../domain/fleet.js";
import { sharePage } from "./usePage.js";
import { useClock } from "./useClock.js";
import { useRefresh } from "./useRefresh.js";
import { useSnapshot } from "./useSnapshot.js";
import { useViewState } from "./useViewState.js";

/** What all components of a fleet's page share, made once by FleetApp; the shared ones find what they know of a page. */
export function provideFleet(host, views) {
	const api = createFleetApi(host);
	const clock = useClock();
	const refresh = useRefresh(host.user);
	// No events: the server asks no bench for a row, so it is asked every two seconds.
	const feed = useSnapshot({
		fetch: () => api.fleet(),
		subscribe: () => () => {},
		moving: () => true,
		everyMs: refresh.everyMs,
	});
	watch(feed.snapshot, (fleet) => clock.looked(fleet?.at));
	const view = useViewState(host.route, views);
	const benches = computed(() => feed.snapshot.value?.benches || []);
	watch(benches, (rows) => host.showInTab(askingBenches(rows), fleetColor(rows)));
	/** The address of a bench's own page. */
	const benchHref = (name, { path = [], query = {} } = {}) =>
		host.route.href({ path: ["b", name, ...(path.length ? path : [""])], query });
	return sharePage({ api, clock, feed, refresh, view, views, benches, benchHref });
}
