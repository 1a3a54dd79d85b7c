// On every page of the desk, for System Managers: how many incidents are open, as a number in the navbar (15, 16) or in
// the sidebar (where there is no navbar: 16 since its new sidebar, 17), and a message when one opens. One small request
// a minute while the tab is looked at, and pushes between them.

const EVENT = "job_console_incident";
const ROOM = "Job Console Settings";
const EVERY_MS = 60_000;
// The open monitor is the one place where somebody waits for it.
const EVERY_ON_PAGE_MS = 10_000;
const TOAST_S = 12;
const NAVBAR = ".navbar .navbar-collapse .navbar-nav";
const SIDEBAR = ".body-sidebar .standard-items-sections";

class Pulse {
	constructor() {
		this.asked = 0;
		this.known = null;
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
		// The sidebar comes late, and another one when the desk makes it anew.
		if (this.known && !this.item?.isConnected) this.show(this.known);
		const every = frappe.get_route?.()?.[0] === "job-monitor" ? EVERY_ON_PAGE_MS : EVERY_MS;
		if (!document.hidden && Date.now() - this.asked >= every) this.ask();
	}

	async ask() {
		this.asked = Date.now();
		const answer = await fetch("/api/method/job_console.api.pulse", {
			method: "POST",
			headers: { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
		}).catch(() => null);
		// A server that does not answer says so by itself: nothing about it here.
		if (answer?.ok) this.show((await answer.json()).message);
	}

	show(said) {
		this.known = said;
		const { open, critical, reachable } = said;
		if (!this.item?.isConnected) this.item = place();
		if (!this.item) return;
		this.item.hidden = !open && reachable;
		if (this.item.hidden) return;
		const words = reachable
			? __("{0} open job incidents, {1} of them critical", [open, critical])
			: __("The queues cannot be reached");
		const colour = critical || !reachable ? "red" : "orange";
		const pill = element("span", `indicator-pill no-indicator-dot ${colour}`);
		pill.textContent = reachable ? `${open}` : "!";
		const link = this.item.matches("li") ? navbarLink(pill) : sidebarLink(pill, colour);
		link.href = `${desk()}/job-monitor`;
		link.title = words;
		link.setAttribute("aria-label", words);
		this.item.replaceChildren(this.item.matches("li") ? link : sidebarItem(link));
	}

	hear(incident) {
		this.ask();
		if (!incident?.message) return;
		const escape = frappe.utils.escape_html;
		const href = `${desk()}/job-incident/${encodeURIComponent(incident.name)}`;
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

function element(tag, className) {
	return Object.assign(document.createElement(tag), { className });
}

// Where the number stands; null: nowhere yet.
function place() {
	const navbar = document.querySelector(NAVBAR);
	const item = element(navbar ? "li" : "div", navbar ? "nav-item" : "sidebar-item-container");
	item.classList.add("job-console-pulse");
	if (navbar) navbar.prepend(item);
	else document.querySelector(SIDEBAR)?.append(item);
	return item.isConnected ? item : null;
}

function navbarLink(pill) {
	const link = element("a", "nav-link");
	link.append(pill);
	return link;
}

// As the sidebar's own items are; a narrow sidebar shows the icon alone.
function sidebarLink(pill, colour) {
	const icon = element("span", "sidebar-item-icon");
	icon.innerHTML = frappe.utils.icon("siren", "sm", "", "", "current-color", true);
	icon.style.color = `var(--${colour}-500)`;
	const label = element("span", "sidebar-item-label");
	label.textContent = __("Job incidents");
	const suffix = element("span", "sidebar-item-suffix");
	suffix.append(pill);
	const link = element("a", "item-anchor");
	link.append(icon, label, suffix);
	return link;
}

// The sidebar's rules for a link are those of one within such an item.
function sidebarItem(link) {
	const item = element("div", "standard-sidebar-item");
	item.append(link);
	return item;
}

// `/app` leads to `/desk` where that is the desk, but loads the page anew.
function desk() {
	return location.pathname.startsWith("/desk") ? "/desk" : "/app";
}

function begin() {
	if (window.job_console?.pulse || !frappe.user_roles?.includes("System Manager")) return;
	if (!document.querySelector(`${NAVBAR}, ${SIDEBAR}`)) return;
	window.job_console = Object.assign(window.job_console || {}, { pulse: new Pulse() });
	window.job_console.pulse.start();
}

$(document).on("toolbar_setup app_ready", begin);
begin();
