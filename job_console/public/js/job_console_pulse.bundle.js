// On every page of the desk, for System Managers: how many incidents are open, as a number in the navbar, and a message
// when one opens. One small request a minute while the tab is looked at, and pushes between them.

const EVENT = "job_console_incident";
const ROOM = "Job Console Settings";
const EVERY_MS = 60_000;
// The open monitor is the one place where somebody waits for it.
const EVERY_ON_PAGE_MS = 10_000;
const TOAST_S = 12;

class Pulse {
	constructor(navbar) {
		this.asked = 0;
		this.item = document.createElement("li");
		this.item.className = "nav-item job-console-pulse";
		this.item.hidden = true;
		navbar.prepend(this.item);
	}

	start() {
		setInterval(() => this.tick(), 5_000);
		document.addEventListener("visibilitychange", () => this.tick());
		frappe.realtime.on(EVENT, (incident) => this.hear(incident));
		frappe.realtime.on("connect", () => this.listen());
		// Who leaves the monitor leaves its room, which is also ours.
		frappe.router.on("change", () => setTimeout(() => this.listen(), 500));
		this.listen();
		this.tick();
	}

	// The server lets only those into the room who may read the doctype.
	listen() {
		if (frappe.realtime.socket?.connected) frappe.realtime.doctype_subscribe(ROOM);
	}

	tick() {
		const every = frappe.get_route?.()?.[0] === "job-monitor" ? EVERY_ON_PAGE_MS : EVERY_MS;
		if (!document.hidden && Date.now() - this.asked >= every) this.ask();
	}

	async ask() {
		this.asked = Date.now();
		const answer = await fetch("/api/method/job_console.api.pulse", {
			headers: { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
		}).catch(() => null);
		// A server that does not answer says so by itself: nothing about it here.
		if (answer?.ok) this.show((await answer.json()).message);
	}

	show({ open, critical, reachable }) {
		this.item.hidden = !open && reachable;
		if (this.item.hidden) return;
		const words = reachable
			? __("{0} open job incidents, {1} of them critical", [open, critical])
			: __("The queues cannot be reached");
		const colour = critical || !reachable ? "red" : "orange";
		const link = document.createElement("a");
		link.className = "nav-link";
		link.href = "/app/job-monitor";
		link.title = words;
		link.setAttribute("aria-label", words);
		const pill = document.createElement("span");
		pill.className = `indicator-pill no-indicator-dot ${colour}`;
		pill.textContent = reachable ? `${open}` : "!";
		link.append(pill);
		this.item.replaceChildren(link);
	}

	hear(incident) {
		this.ask();
		if (!incident?.message) return;
		const escape = frappe.utils.escape_html;
		const href = `/app/job-incident/${encodeURIComponent(incident.name)}`;
		frappe.show_alert(
			{
				// A method's name is longer than a narrow screen is wide.
				message: escape(incident.message).replace(/\.(?=\w)/g, ".<wbr>"),
				subtitle: `<a href="${href}">${__("Show the incident")}</a>`,
				indicator: incident.severity === "Critical" ? "red" : "orange",
			},
			TOAST_S,
		);
	}
}

function begin() {
	if (window.job_console?.pulse || !frappe.user_roles?.includes("System Manager")) return;
	const navbar = document.querySelector(".navbar .navbar-collapse .navbar-nav");
	if (!navbar) return;
	window.job_console = Object.assign(window.job_console || {}, { pulse: new Pulse(navbar) });
	window.job_console.pulse.start();
}

$(document).on("toolbar_setup", begin);
begin();
