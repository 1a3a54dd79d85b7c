import { createApp } from "vue";
import App from "./App.vue";
import { provideHost } from "./host/host.js";
import "./styles/monitor.css";

/** The page for one host, not mounted yet. */
export function createMonitor(host) {
	const app = createApp(App);
	provideHost(host, app);
	return app;
}
