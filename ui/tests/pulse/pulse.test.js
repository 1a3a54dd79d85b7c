import { afterEach, beforeEach, expect, it, vi } from "vitest";

// The script that every page of the desk loads, on a desk with a navbar and on one with a sidebar alone.

const answer = { open: 3, critical: 1, reachable: true };

/** @param {string} html */
async function desk(html, path = "/app/user") {
	document.body.innerHTML = html;
	history.replaceState(null, "", path);
	await import("@js/job_console_pulse.bundle.js");
	await vi.waitFor(() => expect(fetch).toHaveBeenCalled());
	return window.job_console.pulse;
}

beforeEach(() => {
	vi.resetModules();
	vi.useFakeTimers({ toFake: ["setInterval"] });
	window.job_console = undefined;
	window.__ = (text, values = []) => text.replace(/\{(\d)\}/g, (_, at) => values[at]);
	window.$ = () => ({ on: vi.fn() });
	window.frappe = {
		user_roles: ["System Manager"],
		csrf_token: "token",
		realtime: { on: vi.fn() },
		router: { on: vi.fn() },
		get_route: () => ["List", "User"],
		utils: { icon: (name) => `<svg data-icon="${name}"></svg>`, escape_html: (text) => text },
	};
	vi.stubGlobal(
		"fetch",
		vi.fn(async () => new Response(JSON.stringify({ message: answer }))),
	);
});

afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
	document.body.innerHTML = "";
});

it("stands in the navbar, and asks with the session's token", async () => {
	await desk(
		`<div class="navbar"><div class="navbar-collapse"><ul class="navbar-nav"></ul></div></div>`,
	);
	await vi.waitFor(() =>
		expect(document.querySelector("li.job-console-pulse a")).not.toBeNull(),
	);
	const link = document.querySelector(".job-console-pulse a");
	expect(link.getAttribute("href")).toBe("/app/job-monitor");
	expect(link.textContent).toBe("3");
	expect(link.title).toBe("3 open job incidents, 1 of them critical");
	const [url, options] = fetch.mock.calls[0];
	expect([url, options.method]).toEqual(["/api/method/job_console.api.pulse", "POST"]);
	expect(options.headers["X-Frappe-CSRF-Token"]).toBe("token");
});

it("stands in the sidebar of a desk without a navbar, whose pages are below /desk", async () => {
	const sidebar = `<div class="body-sidebar"><div class="standard-items-sections"></div></div>`;
	const pulse = await desk(sidebar, "/desk/user");
	const shown = () => document.querySelector(".standard-items-sections .job-console-pulse a");
	await vi.waitFor(() => expect(shown()).not.toBeNull());
	expect(shown().getAttribute("href")).toBe("/desk/job-monitor");
	// As its own items are nested, by which it aligns them.
	expect(
		shown().matches(".sidebar-item-container > .standard-sidebar-item > .item-anchor"),
	).toBe(true);
	expect(shown().querySelector(".sidebar-item-suffix").textContent).toBe("3");
	expect(shown().querySelector("svg").dataset.icon).toBe("siren");
	// The desk makes its sidebar anew.
	document.body.innerHTML = sidebar;
	pulse.tick();
	expect(shown()).not.toBeNull();
	pulse.show({ open: 0, critical: 0, reachable: true });
	expect(document.querySelector(".job-console-pulse").hidden).toBe(true);
});

it("is for System Managers", async () => {
	window.frappe.user_roles = ["Employee"];
	document.body.innerHTML = `<div class="body-sidebar"><div class="standard-items-sections"></div></div>`;
	await import("@js/job_console_pulse.bundle.js");
	expect(window.job_console).toBeUndefined();
	expect(fetch).not.toHaveBeenCalled();
});
