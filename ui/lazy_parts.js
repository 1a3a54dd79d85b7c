import { dirname, resolve } from "node:path";

// The desk's bundle cannot wait for a part of itself, so the sources import all views and the drawer. In the operator
// console each of them is a file of its own, loaded when it is opened, as is the overview of a fleet; the first view
// comes with the page.
const IN = /\/job_monitor\/(views|App|web\/WebFrame)\.(js|vue)$/;
const PART = /^\.\/(views\/(?!LanesView)\w+|components\/drawer\/JobDrawer|FleetApp)\.vue$/;
const MARK = "\0lazy:";

/** @returns {import("vite").Plugin} */
export function lazyParts() {
	return {
		name: "lazy-parts",
		apply: "build",
		enforce: "pre",
		resolveId(source, importer = "") {
			if (!IN.test(importer) || !PART.test(source)) return null;
			// Without its ending: what is made here is no component of Vue's.
			return MARK + resolve(dirname(importer), source).replace(/\.vue$/, "");
		},
		load(id) {
			if (!id.startsWith(MARK)) return null;
			const part = `${id.slice(MARK.length)}.vue`;
			const failed = part.replace(
				/job_monitor\/.*/,
				"job_monitor/components/shared/LoadFailed.vue",
			);
			return `
				import { defineAsyncComponent } from "vue";
				import LoadFailed from ${JSON.stringify(failed)};
				export default defineAsyncComponent({
					loader: () => import(${JSON.stringify(part)}),
					errorComponent: LoadFailed,
					delay: 0,
				});`;
		},
	};
}
