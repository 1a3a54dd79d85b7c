import { mount } from "@vue/test-utils";
import { nextTick } from "vue";
import { vi } from "vitest";
import App from "@/App.vue";
import { provideHost } from "@/host/host.js";
import { translate } from "@/host/web.js";
import { wireSnapshot } from "./wire.js";

// What the page loads when it is opened is there already: no test waits for the compiler.
import.meta.glob(["@/views/*.vue", "@/components/drawer/*.vue", "@/components/page/*.vue"], {
	eager: true,
});

/** A host that answers from `answers`, remembers what it was asked, and says yes. */
export function fakeHost({ answers = {}, act, hooks, start = { path: [], query: {} } } = {}) {
	let route = start;
	const listeners = new Set();
	const host = {
		name: "fake",
		user: null,
		call: vi.fn(async (name, args) => {
			const answer = answers[name] ?? (name === "snapshot" ? wireSnapshot() : {});
			return typeof answer === "function" ? answer(args) : answer;
		}),
		act: vi.fn(
			act ||
				(async ({ job_ids = [] }) => ({
					results: job_ids.map((job_id) => ({ job_id, ok: true })),
				})),
		),
		post: vi.fn(async (name, args) => {
			if (name === "act") return host.act(args);
			const answer = answers[name] ?? {};
			return typeof answer === "function" ? answer(args) : answer;
		}),
		subscribe: vi.fn((listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}),
		notify: vi.fn(),
		confirm: vi.fn(async () => true),
		ask: vi.fn(async ({ fields = [] }) => ({
			...Object.fromEntries(fields.map((f) => [f.name, f.options?.[0]?.value ?? ""])),
			reason: "because",
		})),
		__: translate,
		copy: vi.fn(async () => {}),
		showInTab: vi.fn(),
		records: true,
		makesJobs: true,
		userUrl: () => null,
		docUrl: () => null,
		listUrl: () => null,
		newDoc: null,
		route: {
			get: () => route,
			set: vi.fn((to) => (route = to)),
			href: (to) => `/${to.path.join("/")}?${new URLSearchParams(to.query)}`,
			onChange: () => () => {},
		},
		emit: (...news) => listeners.forEach((listener) => listener(...news)),
		listeners,
		...hooks,
	};
	return host;
}

/** Until all that was asked for has been answered, and what has to be shown for it has been loaded. */
export async function settle() {
	for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
	await vi.dynamicImportSettled();
	for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
	await nextTick();
}

/** The whole page on a fake host, after its first look. */
export async function mountPage(options) {
	const host = fakeHost(options);
	const wrapper = mount(App, {
		attachTo: document.body,
		global: { plugins: [(app) => provideHost(host, app)] },
	});
	await settle();
	return { host, wrapper };
}

export function button(wrapper, text) {
	return wrapper.findAll("button").find((b) => b.text().includes(text));
}
