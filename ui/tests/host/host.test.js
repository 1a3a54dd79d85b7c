import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDeskHost } from "@/host/desk.js";
import { createWebHost, translate } from "@/host/web.js";

function answer(status, body) {
	const json = async () => body;
	vi.stubGlobal(
		"fetch",
		vi.fn(async () => ({ ok: status < 400, status, json })),
	);
}

afterEach(() => {
	vi.unstubAllGlobals();
	history.replaceState(null, "", "/");
});

describe("the web host", () => {
	const overlay = { notify: vi.fn(), ask: vi.fn() };
	const host = (base = "/") => createWebHost({ overlay, base });

	it("reads by GET and acts by POST", async () => {
		answer(200, { total: 1 });
		expect(await host().call("jobs", { page: 2, text: "a b" })).toEqual({ total: 1 });
		expect(fetch.mock.calls[0][0]).toBe("/api/jobs?page=2&text=a+b");
		await host("/ops/").post("act", { action: "retry", job_ids: ["a"] });
		const [url, options] = fetch.mock.calls[1];
		expect(url).toBe("/ops/api/act");
		expect(options.method).toBe("POST");
		expect(JSON.parse(options.body)).toEqual({ action: "retry", job_ids: ["a"] });
	});

	it("gives errors their type", async () => {
		answer(503, { error: { type: "RedisUnavailable", message: "Redis is gone." } });
		await expect(host().call("snapshot")).rejects.toMatchObject({
			type: "RedisUnavailable",
			message: "Redis is gone.",
		});
		answer(401, null);
		await expect(host().call("snapshot")).rejects.toMatchObject({ type: "Unauthorized" });
		vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("failed")));
		await expect(host().call("snapshot")).rejects.toMatchObject({ type: "Unreachable" });
	});

	it("keeps the page's state in the address, also below a prefix", () => {
		const { route } = host("/ops/");
		route.set({ path: ["jobs"], query: { job: "a||b" } });
		expect(location.pathname + location.search).toBe("/ops/jobs?job=a%7C%7Cb");
		expect(route.get()).toEqual({ path: ["jobs"], query: { job: "a||b" } });
	});

	it("says what it has words for in the reader's language", () => {
		const { __ } = createWebHost({
			overlay,
			base: "/",
			words: { "{0} jobs": "{0} Aufträge" },
		});
		expect(__("{0} jobs", [2])).toBe("2 Aufträge");
		expect(__("{0} threads", [2])).toBe("2 threads");
	});

	it("puts parameters into texts", () => {
		expect(translate("{0} of {1}", [1, 2])).toBe("1 of 2");
		expect(translate("{0} and {1}", ["{1}", "b"])).toBe("{1} and b");
	});
});

describe("the desk host", () => {
	let frappe;
	let on;
	beforeEach(() => {
		on = {};
		frappe = {
			csrf_token: "secret",
			route_options: null,
			app: { handle_session_expired: vi.fn() },
			utils: { escape_html: (text) => text, get_form_link: (d, n) => `/app/${d}/${n}` },
			realtime: {
				socket: { connected: true },
				on: vi.fn((event, f) => (on[event] = f)),
				off: vi.fn(),
				doctype_subscribe: vi.fn(),
				doctype_unsubscribe: vi.fn(),
			},
			router: { on: vi.fn(), off: vi.fn() },
		};
		vi.stubGlobal("frappe", frappe);
		vi.stubGlobal("__", translate);
	});

	it("carries the CSRF token and unwraps the answer", async () => {
		answer(200, { message: { results: [] } });
		expect(await createDeskHost().post("act", { action: "resume" })).toEqual({ results: [] });
		const [url, options] = fetch.mock.calls[0];
		expect(url).toBe("/api/method/job_console.api.act");
		expect(options.headers["X-Frappe-CSRF-Token"]).toBe("secret");
	});

	it("gives Frappe's errors their type and their words", async () => {
		const said = JSON.stringify([JSON.stringify({ message: "There is no such job." })]);
		answer(404, { exc_type: "NoSuchJob", _server_messages: said });
		await expect(createDeskHost().call("show", { job_id: "x" })).rejects.toMatchObject({
			type: "NoSuchJob",
			message: "There is no such job.",
		});
	});

	it("hands an ended session to the desk", async () => {
		answer(403, { session_expired: 1 });
		await expect(createDeskHost().call("snapshot")).rejects.toMatchObject({
			type: "Forbidden",
		});
		expect(frappe.app.handle_session_expired).toHaveBeenCalled();
	});

	it("puts an offer's button on its message, and shows a method's name as text", () => {
		const alert = { remove: vi.fn() };
		frappe.show_alert = vi.fn(() => alert);
		frappe.utils.escape_html = (text) => text.replaceAll("<", "&lt;");
		const run = vi.fn();
		const close = createDeskHost().notify("<b>", "green", { label: "Undo", run, seconds: 10 });
		const [message, seconds, actions] = frappe.show_alert.mock.calls[0];
		expect(message.message).toBe("&lt;b>");
		expect(message.subtitle).toContain('data-action="offer">Undo</button>');
		expect(seconds).toBe(10);
		expect(actions.offer).toBe(run);
		close();
		expect(alert.remove).toHaveBeenCalled();
	});

	it("joins its room again after each reconnect, and leaves it", () => {
		const listener = vi.fn();
		const off = createDeskHost().subscribe(listener);
		expect(frappe.realtime.doctype_subscribe).toHaveBeenCalledTimes(1);
		on.disconnect();
		on.connect();
		expect(frappe.realtime.doctype_subscribe).toHaveBeenCalledTimes(2);
		on.job_console_changed({ at: "now" });
		on.job_console_changed({});
		on.job_console_incident({});
		expect(listener.mock.calls).toEqual([
			["open"],
			["closed"],
			["open"],
			["changed", "now"],
			["changed", undefined],
			["changed"],
		]);
		off();
		expect(frappe.realtime.off).toHaveBeenCalledTimes(4);
		expect(frappe.realtime.doctype_unsubscribe).toHaveBeenCalled();
	});

	it("connects again after an outage for which Frappe's socket gave up", () => {
		vi.useFakeTimers();
		const { socket } = frappe.realtime;
		socket.connect = vi.fn();
		const off = createDeskHost().subscribe(vi.fn());
		vi.advanceTimersByTime(60_000);
		expect(socket.connect).not.toHaveBeenCalled();
		socket.connected = false;
		vi.advanceTimersByTime(10_000);
		expect(socket.connect).toHaveBeenCalledTimes(1);
		off();
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});

	it("leads to lists that this user may read, and to no others", () => {
		history.replaceState(null, "", "/desk/job-monitor/jobs");
		frappe.model = { can_read: (doctype) => doctype === "Job Incident" };
		frappe.router.slug = (name) => name.toLowerCase().replaceAll(" ", "-");
		const { listUrl } = createDeskHost();
		expect(listUrl("Job Incident")).toBe("/desk/job-incident");
		expect(listUrl("Job Policy")).toBeNull();
	});

	it.each(["/app", "/desk"])("lives below %s", (prefix) => {
		history.replaceState(null, "", `${prefix}/job-monitor/jobs?status=failed`);
		const { route } = createDeskHost();
		expect(route.get()).toEqual({ path: ["jobs"], query: { status: "failed" } });
		expect(route.href({ path: [], query: {} })).toBe(`${prefix}/job-monitor`);
	});

	it("takes the options of a route, and leaves none for the next list", () => {
		history.replaceState(null, "", "/app/job-monitor/jobs");
		frappe.route_options = { method: "x" };
		expect(createDeskHost().route.get().query).toEqual({ method: "x" });
		expect(frappe.route_options).toBeNull();
	});
});

describe("the seam", () => {
	it("is the only place that knows the desk", () => {
		const root = join(__dirname, "../../../job_console/public/js/job_monitor");
		const files = readdirSync(root, { recursive: true })
			.map(String)
			.filter((file) => /\.(js|vue)$/.test(file));
		const named = files.filter((file) =>
			/\bfrappe[.[]/.test(readFileSync(join(root, file), "utf8")),
		);
		expect(named.sort()).toEqual(["host/desk.js", "job_monitor.bundle.js"]);
	});
});
