// For everybody on the desk: what works in the background on the document whose form is open, and the way to My Jobs.
// A form's own answer says whether there is such a job (`__onload`), and a push when one is made: without either,
// nothing is asked here.

const EVENT = "job_console_own_jobs";
const FIRST_MS = 2_000;
const LONGEST_MS = 15_000;
const SHOWN = 3;
const INDICATORS = {
	waiting: "gray",
	running: "blue",
	done: "green",
	failed: "red",
	canceled: "gray",
};
const STYLE = `
.job-console-own-job { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; color: var(--text-color); }
.job-console-own-job > .words { flex: 1 1 220px; min-width: 0; overflow-wrap: anywhere; }
.job-console-own-job .progress { order: 1; width: 100%; height: 4px; margin: 0; }
.job-console-own-job code { display: block; color: inherit; background: none; padding: 0; user-select: all; overflow-wrap: anywhere; }
.job-console-strip { padding: 8px 15px; border-bottom: 1px solid var(--border-color); background: var(--subtle-accent, var(--bg-light-gray)); }
.job-console-strip .job-console-own-job + .job-console-own-job { margin-top: 6px; }
`;

async function call(method, args = {}, post = false) {
	const query = new URLSearchParams(args);
	const answer = await fetch(`/api/method/job_console.api.${method}${post ? "" : `?${query}`}`, {
		method: post ? "POST" : "GET",
		body: post ? query : undefined,
		headers: { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
	}).catch(() => null);
	const said = await answer?.json().catch(() => null);
	return { status: answer?.status ?? 0, message: said?.message, refusal: refusal(said) };
}

function refusal(said) {
	try {
		return JSON.parse(JSON.parse(said._server_messages)[0]).message;
	} catch {
		return "";
	}
}

function element(tag, className, text = "") {
	return Object.assign(document.createElement(tag), { className, textContent: text });
}

const active = (job) => job.state === "waiting" || job.state === "running";

// One job in words; `text`: what of it is said first. `changed` is called when it was canceled.
function row(job, text, changed) {
	const node = element("div", "job-console-own-job");
	node.dataset.state = job.state;
	const words = element("div", "words");
	words.append(element("span", `indicator ${INDICATORS[job.state]}`), text);
	node.append(words);
	if (job.state === "failed") {
		const code = element("code", "small text-muted", job.id);
		code.title = __("For your administrator");
		words.append(code);
	}
	if (job.may_cancel) node.append(cancelButton(job, changed));
	if (job.percent !== null) node.append(bar(job.percent));
	return node;
}

function bar(percent) {
	const node = element("div", "progress");
	node.append(element("div", "progress-bar"));
	node.firstChild.style.width = `${percent}%`;
	node.setAttribute("role", "progressbar");
	node.setAttribute("aria-label", __("Progress"));
	node.setAttribute("aria-valuenow", percent);
	return node;
}

function cancelButton(job, changed) {
	const button = element("button", "btn btn-xs btn-default", __("Cancel"));
	button.type = "button";
	button.setAttribute("aria-label", `${__("Cancel")}: ${job.what}`);
	button.onclick = () => {
		frappe.confirm(__("It has not begun. Take it out?"), async () => {
			const { status, refusal } = await call("cancel_my_job", { job_id: job.id }, true);
			if (status !== 200)
				frappe.show_alert({
					message: frappe.utils.escape_html(refusal),
					indicator: "orange",
				});
			changed();
		});
	};
	return button;
}

// Asks again while something is under way and somebody looks, less and less often.
class Following {
	constructor(ask, looks) {
		this.ask = ask;
		this.looks = looks;
		this.stop();
	}

	stop() {
		clearTimeout(this.timer);
		this.pause = FIRST_MS;
	}

	async now() {
		clearTimeout(this.timer);
		if (!this.looks() || !(await this.ask())) return;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.now(), this.pause);
		this.pause = Math.min(this.pause * 1.15, LONGEST_MS);
	}
}

// The strip of one form; a form shows one document after the other.
class Strip {
	constructor(frm) {
		this.frm = frm;
		this.node = element("div", "job-console-strip");
		this.node.setAttribute("role", "status");
		this.node.setAttribute("aria-label", __("In the background"));
		this.hidden = new Set();
		this.following = new Following(
			() => this.ask(),
			() => !document.hidden && this.shows(this.doctype, this.name),
		);
	}

	shows(doctype, name) {
		const open = window.cur_frm === this.frm && frappe.get_route()[0] === "Form";
		return open && this.frm.doctype === doctype && this.frm.docname === name;
	}

	refresh() {
		const { doctype, docname: name } = this.frm;
		if (doctype !== this.doctype || name !== this.name) {
			this.following.stop();
			this.node.remove();
			Object.assign(this, { doctype, name, jobs: [] });
		}
		if (this.frm.doc?.__onload?.job_console_jobs) this.begin();
	}

	begin() {
		this.following.stop();
		this.following.now();
	}

	async ask() {
		const { doctype, name } = this;
		const { status, message } = await call("document_jobs", { doctype, name });
		if (doctype !== this.doctype || name !== this.name) return false;
		// Refused, or the app is gone; what does not answer, or has been asked too often, is asked again.
		if (status >= 400 && status < 500 && status !== 429) return false;
		if (status !== 200) return this.jobs.some(active);
		this.jobs = message.jobs;
		this.draw();
		return this.jobs.some(active);
	}

	draw() {
		const jobs = this.jobs.filter((job) => active(job) || !this.hidden.has(job.id));
		// What stands there as it was is not told again to who listens.
		const said = JSON.stringify(
			jobs.map(({ id, line, may_cancel }) => [id, line, may_cancel]),
		);
		if (said === this.said && this.node.isConnected) return;
		this.said = said;
		const held = this.node.contains(document.activeElement)
			? document.activeElement.ariaLabel
			: null;
		const rows = jobs.slice(0, SHOWN).map((job) => this.row(job));
		if (jobs.some((job) => job.mine)) rows[0].append(pageLink());
		if (jobs.length > SHOWN)
			rows.push(element("div", "text-muted small", __("{0} more", [jobs.length - SHOWN])));
		this.node.replaceChildren(...rows);
		if (!rows.length) this.node.remove();
		else if (!this.node.isConnected) this.frm.layout.wrapper.prepend(style(), this.node);
		if (held)
			[...this.node.querySelectorAll("button")]
				.find((each) => each.ariaLabel === held)
				?.focus();
	}

	row(job) {
		const node = row(job, job.line, () => this.begin());
		if (!active(job)) {
			const close = element("button", "btn btn-xs btn-link", "×");
			close.type = "button";
			close.setAttribute("aria-label", `${__("Close")}: ${job.line}`);
			close.onclick = () => {
				this.hidden.add(job.id);
				this.draw();
			};
			node.append(close);
		}
		return node;
	}
}

let made = null;
function style() {
	made ??= element("style", "", STYLE);
	if (!made.isConnected) document.head.append(made);
	return "";
}

// `/app` leads to `/desk` where that is the desk, but loads the page anew.
function desk() {
	return location.pathname.startsWith("/desk") ? "/desk" : "/app";
}

function pageLink() {
	const link = element("a", "small", __("My Jobs"));
	link.href = `${desk()}/my-jobs`;
	return link;
}

const strips = new WeakMap();
function strip(frm) {
	if (!strips.has(frm)) strips.set(frm, new Strip(frm));
	return strips.get(frm);
}

// In the user's own menu (15, 16), or in the sidebar (where there is no navbar: 16 since its new sidebar, 17).
function leadToPage() {
	if (document.querySelector(".job-console-my-jobs")) return;
	const menu = document.querySelector("#toolbar-user");
	const sidebar = document.querySelector(".body-sidebar .standard-items-sections");
	const link = element(
		"a",
		menu ? "dropdown-item job-console-my-jobs" : "item-anchor job-console-my-jobs",
	);
	link.href = `${desk()}/my-jobs`;
	if (menu) {
		link.textContent = __("My Jobs");
		menu.prepend(link);
	} else if (sidebar) {
		const icon = element("span", "sidebar-item-icon");
		icon.innerHTML = frappe.utils.icon("list", "sm", "", "", "current-color", true);
		link.append(icon, element("span", "sidebar-item-label", __("My Jobs")));
		const item = element("div", "standard-sidebar-item");
		item.append(link);
		const container = element("div", "sidebar-item-container");
		container.append(item);
		sidebar.append(container);
	}
}

function begin() {
	if (window.job_console?.own_jobs || !frappe.boot?.job_console_own_jobs) return;
	const offered = { Following, active, call, row, style };
	window.job_console = Object.assign(window.job_console || {}, { own_jobs: offered });
	$(document).on(
		"form-refresh",
		(_event, frm) => frm.doc && !frm.is_new() && strip(frm).refresh(),
	);
	document.addEventListener("visibilitychange", () => {
		const known = window.cur_frm && strips.get(window.cur_frm);
		if (known?.jobs?.some(active)) known.following.now();
	});
	frappe.realtime.on(EVENT, ({ doctype, name }) => {
		$(document).trigger(EVENT);
		const known = window.cur_frm && strip(window.cur_frm);
		// It is told twice to who has started it: once for them, once for the document.
		if (known?.shows(doctype, name)) {
			clearTimeout(known.told);
			known.told = setTimeout(() => (known.refresh(), known.begin()), 300);
		}
	});
	setInterval(leadToPage, 5_000);
	leadToPage();
}

$(document).on("toolbar_setup app_ready", begin);
// Before the desk has its socket, nothing can be heard by it.
if (frappe.realtime?.socket) begin();
