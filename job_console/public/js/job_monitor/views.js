import AuditView from "./views/AuditView.vue";
import FailuresView from "./views/FailuresView.vue";
import IncidentsView from "./views/IncidentsView.vue";
import JobsView from "./views/JobsView.vue";
import LanesView from "./views/LanesView.vue";
import LocksView from "./views/LocksView.vue";
import MetricsView from "./views/MetricsView.vue";
import ScheduleView from "./views/ScheduleView.vue";
import WorkersView from "./views/WorkersView.vue";

const __ = (text) => text;

// Every view of the page: its address, its name, and the filters its address may carry.
// The first one is what opens by default. A new view is one line here and one component.
export const VIEWS = [
	{
		id: "lanes",
		label: __("Lanes"),
		component: LanesView,
		// `at`: a moment of the past.
		filters: ["at"],
	},
	{
		id: "jobs",
		label: __("Jobs"),
		component: JobsView,
		// The query; besides, words of older links, which `queryOf` puts into it.
		filters: ["q", "queue", "status", "text", "method", "user", "site", "sort", "page"],
	},
	{
		id: "failures",
		label: __("Failures"),
		component: FailuresView,
		filters: ["queue", "method", "site", "group", "order", "page"],
	},
	{
		id: "schedule",
		label: __("Schedules"),
		component: ScheduleView,
		filters: ["day", "text"],
	},
	{
		id: "locks",
		label: __("Locks"),
		component: LocksView,
		filters: ["idle"],
	},
	{
		id: "workers",
		label: __("Workers"),
		component: WorkersView,
		filters: ["drain", "at"],
	},
	{
		id: "incidents",
		label: __("Incidents"),
		component: IncidentsView,
		filters: [],
	},
	{
		// Not "metrics": that address of the console is for Prometheus.
		id: "history",
		label: __("Metrics"),
		component: MetricsView,
		filters: ["last", "by", "queue", "method", "site", "until", "compare"],
	},
	{
		id: "audit",
		label: __("Audit"),
		component: AuditView,
		filters: ["page"],
	},
];
