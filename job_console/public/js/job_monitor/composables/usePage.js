import { computed, inject, provide, watch } from "vue";
import { isProgressing } from "../domain/progress.js";
import { createApi } from "../services/api.js";
import { useFailureActions } from "./useFailureActions.js";
import { useBulk } from "./useBulk.js";
import { useJobActions } from "./useJobActions.js";
import { useClock } from "./useClock.js";
import { useLockActions } from "./useLockActions.js";
import { useOperations } from "./useOperations.js";
import { usePast } from "./usePast.js";
import { useRefresh } from "./useRefresh.js";
import { useScheduleActions } from "./useScheduleActions.js";
import { useSilencing } from "./useSilencing.js";
import { useSnapshot } from "./useSnapshot.js";
import { useTableSettings } from "./useTableSettings.js";
import { useViewState } from "./useViewState.js";

const PAGE = Symbol("job-console page");

// Coming back to the page shows what it last showed until the first look has answered.
let lastSnapshot = null;

/** What all components of the page share, made once by App. */
export function providePage(host, views) {
	const api = createApi(host);
	const clock = useClock();
	const refresh = useRefresh(host.user);
	const feed = useSnapshot({
		fetch: api.snapshot,
		subscribe: host.subscribe,
		initial: lastSnapshot,
		everyMs: refresh.everyMs,
		moving: (snapshot) =>
			(snapshot?.lanes || []).some((lane) =>
				lane.running.some((job) => isProgressing(job, clock.now.value)),
			),
	});
	watch(feed.snapshot, (snapshot) => {
		lastSnapshot = snapshot;
		clock.looked(snapshot?.at);
	});
	watch(feed.broken, () => clock.looked());
	const view = useViewState(host.route, views);
	const past = usePast({ ask: api.moment, view, clock });
	const shown = computed(() => (past.active.value ? past.snapshot.value : feed.snapshot.value));
	const lanes = () => shown.value?.lanes || [];
	const actions = useJobActions({ host, api, feed, lanes });
	const bulks = useBulk({ host, api, feed, lanes });
	const locks = useLockActions({ host, api, feed });
	const operations = useOperations({ host, api, feed, lanes });
	const schedules = useScheduleActions({ host, api, feed });
	const silencing = useSilencing({ host, api, feed });
	const failures = useFailureActions({ host, api, feed });
	const laneLabel = (name) => lanes().find((lane) => lane.name === name)?.label || name;
	const doing = { actions, bulks, locks, operations, schedules, silencing, failures };
	/** As a query names it: by its label, where only one bears that. */
	const laneTerm = (name) => {
		const label = laneLabel(name);
		return lanes().filter((lane) => lane.label === label).length > 1 ? name : label;
	};
	const table = useTableSettings(host.user);
	return sharePage({
		api,
		// Of the past all is as it was then, and ages too.
		clock: {
			...clock,
			now: computed(() => past.snapshot.value?.at.getTime() ?? clock.now.value),
		},
		feed: { ...feed, snapshot: shown },
		// What shows the present all the same has these.
		present: { clock, snapshot: feed.snapshot },
		past,
		refresh,
		view,
		table,
		...doing,
		views,
		laneLabel,
		laneTerm,
	});
}

/** Gives a page to the components below the one that is being set up. */
export function sharePage(page) {
	provide(PAGE, page);
	return page;
}

export function usePage() {
	return inject(PAGE);
}
