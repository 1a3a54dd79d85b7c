import { createMonitor } from "./create.js";
import { createDeskHost } from "./host/desk.js";

// The desk's entry: the Frappe page calls this when it is shown, and what it returns when
// it is hidden, so that nothing ticks, polls or listens behind another page.
frappe.provide("job_console");

job_console.mount_monitor = function (wrapper, page) {
	const place = document.createElement("div");
	(page?.main?.get(0) || wrapper).append(place);
	const app = createMonitor(createDeskHost());
	app.mount(place);
	return () => {
		app.unmount();
		place.remove();
	};
};
