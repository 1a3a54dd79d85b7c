// The entry of the operator console's page. Vite builds it in a checkout; on a bench, `bench build` does, by its name.
import { createApp, h } from "vue";
import WebFrame from "./WebFrame.vue";
import { createOverlay } from "./overlay.js";
import { applyTheme } from "./theme.js";
import { createWebHost } from "../host/web.js";
import { provideHost } from "../host/host.js";
import "./theme-variables.css";
import "./theme-classes.css";
import "../styles/monitor.css";

applyTheme();
const overlay = createOverlay();
const host = createWebHost({ overlay });
const app = createApp({ render: () => h(WebFrame, { overlay }) });
provideHost(host, app);
app.mount("#job-console");
