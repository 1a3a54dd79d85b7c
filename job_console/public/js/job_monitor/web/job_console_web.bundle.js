// The entry of the operator console's page. Vite builds it in a checkout; on a bench, `bench build` does, by its name.
import { createApp, h } from "vue";
import WebFrame from "./WebFrame.vue";
import { currentLanguage, loadWords, localeOf } from "./language.js";
import { createOverlay } from "./overlay.js";
import { readPlace } from "./place.js";
import { applyTheme } from "./theme.js";
import { setHabit } from "../domain/habit.js";
import { createWebHost } from "../host/web.js";
import { provideHost } from "../host/host.js";
import "./theme-variables.css";
import "./theme-classes.css";
import "../styles/monitor.css";

async function start() {
	applyTheme();
	const overlay = createOverlay();
	const place = readPlace();
	setHabit({ locale: localeOf(currentLanguage()) });
	const host = createWebHost({
		overlay,
		bench: place.bench,
		words: await loadWords(place.words),
	});
	const app = createApp({ render: () => h(WebFrame, { overlay, place }) });
	if (place.bench) document.title = `${place.bench} · ${document.title}`;
	provideHost(host, app);
	app.mount("#job-console");
}

start();
