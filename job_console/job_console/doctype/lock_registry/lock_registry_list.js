frappe.listview_settings["Lock Registry"] = {
	hide_name_column: true,
	add_fields: ["kind", "state", "waiting", "bench_wide"],

	get_indicator(lock) {
		if (lock.state !== "Free" && lock.waiting)
			return [__("{0} waiting", [lock.waiting]), "red", "waiting,>,0"];
		const colours = {
			Held: "orange",
			Shared: "blue",
			Orphaned: "red",
			Free: "gray",
			Unknown: "yellow",
		};
		return [__(lock.state), colours[lock.state], `state,=,${lock.state}`];
	},

	refresh(listview) {
		if (listview.lock_registry_timer) return;
		const isOpen = () => {
			const route = frappe.get_route() || [];
			return route[0] === "List" && route[1] === "Lock Registry";
		};
		listview.lock_registry_timer = setInterval(() => {
			if (!isOpen()) {
				clearInterval(listview.lock_registry_timer);
				listview.lock_registry_timer = null;
			} else if (!document.hidden && !listview.list_view_settings?.disable_auto_refresh) {
				listview.refresh();
			}
		}, 5000);
	},
};
