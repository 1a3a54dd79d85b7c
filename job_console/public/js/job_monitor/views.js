import { lazily } from "./components/shared/lazily.js";

const __ = (text) => text;

// Every view of the page: its address, its name, and the filters its address may carry.
// `needs` names a power of the host, where not every host has it.
// The first one is what opens by default. A new view is one line here and one component.
export const VIEWS = [
	{
		id: "lanes",
		label: __("Lanes"),
		component: lazily(() => import("./views/LanesView.vue")),
		filters: [],
	},
	{
		id: "jobs",
		label: __("Jobs"),
		component: lazily(() => import("./views/JobsView.vue")),
		// The query; besides, words of older links, which `queryOf` puts into it.
		filters: ["q", "queue", "status", "text", "method", "user", "site", "sort", "page"],
	},
	{
		id: "failures",
		label: __("Failures"),
		component: lazily(() => import("./views/FailuresView.vue")),
		filters: ["queue", "method", "site", "order", "page"],
	},
	{
		id: "schedule",
		label: __("Schedule"),
		component: lazily(() => import("./views/ScheduleView.vue")),
		filters: ["day", "text"],
	},
	{
		id: "locks",
		label: __("Locks"),
		component: lazily(() => import("./views/LocksView.vue")),
		filters: ["idle"],
	},
	{
		id: "workers",
		label: __("Workers"),
		component: lazily(() => import("./views/WorkersView.vue")),
		filters: ["drain"],
	},
	{
		id: "incidents",
		label: __("Incidents"),
		component: lazily(() => import("./views/IncidentsView.vue")),
		filters: [],
		needs: "records",
	},
	{
		id: "audit",
		label: __("Audit"),
		component: lazily(() => import("./views/AuditView.vue")),
		filters: ["page"],
	},
];
