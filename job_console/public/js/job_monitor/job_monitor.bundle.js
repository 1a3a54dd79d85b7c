import { createApp } from "vue";
import App from "./App.vue";
import { createDeskHost } from "./host/desk.js";
import { provideHost } from "./host/host.js";
import "./styles/monitor.css";

// The desk's entry: the Frappe page calls this when it is shown, and what it returns when
// it is hidden, so that nothing ticks, polls or listens behind another page.
frappe.provide("job_console");

job_console.mount_monitor = function (wrapper, page) {
	const place = document.createElement("div");
	(page?.main?.get(0) || wrapper).append(place);
	const app = createApp(App);
	provideHost(createDeskHost(), app);
	app.mount(place);
	return () => {
		app.unmount();
		place.remove();
	};
};
