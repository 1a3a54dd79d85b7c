import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { lazyParts } from "./lazy_parts.js";

// This file and its package.json stand in a folder of their own, because bench installs on every
// bench what the package.json in an app's root asks for: that one names what the desk's bundle
// needs besides Frappe's. The sources are the desk's, so `npm ci` links the repository's
// node_modules to the one here.
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// Builds the operator console's page. The desk's bundle is not built here: Frappe's
// own esbuild finds job_monitor.bundle.js and builds it with the same components.
export default defineConfig({
	root: here("../job_console/public/js/job_monitor/web"),
	// Relative, so that the console also works behind a path prefix.
	base: "./",
	cacheDir: here("./node_modules/.vite"),
	plugins: [lazyParts(), vue()],
	define: {
		__VUE_OPTIONS_API__: "false",
		__VUE_PROD_DEVTOOLS__: "false",
	},
	build: {
		outDir: here("../job_console/console/static"),
		emptyOutDir: true,
		modulePreload: { polyfill: false },
		// The views and the drawer are files of their own, loaded when they are opened. Their styles are 9 kB in all, and
		// what several of them share is not one file for each component.
		cssCodeSplit: false,
		rollupOptions: { output: { experimentalMinChunkSize: 12_000 } },
	},
	server: {
		fs: { allow: [here("..")] },
		// `job-console serve` answers the page's calls while developing.
		proxy: { "/api": process.env.JOB_CONSOLE_URL || "http://127.0.0.1:8085" },
	},
	test: {
		// Not beside what they test: all of public/ is shipped.
		root: here("."),
		include: ["tests/**/*.test.js"],
		// The page's sources, for tests only: the desk's build knows no such name.
		alias: {
			"@js": here("../job_console/public/js"),
			"@": here("../job_console/public/js/job_monitor"),
		},
		environment: "jsdom",
		setupFiles: ["tests/support/browser.js"],
		restoreMocks: true,
		// For what never comes: on a busy machine a page takes seconds to be mounted.
		testTimeout: 60_000,
	},
});
