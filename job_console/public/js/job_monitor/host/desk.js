/** @import { Habit } from "../domain/types/common" */
/** @import { Field, Host, HostListener, HostRoute, Offer, Question } from "./types" */
import { setHabit } from "../domain/habit.js";
import { MESSAGE_S, SLOW_CALLS } from "./host.js";
import { requestJson } from "./http.js";
import { numberTitle } from "./tab.js";
import { queryFrom, queryString } from "../domain/route.js";

// The desk, as a host. Calls are plain requests and not frappe.call, because that opens
// a dialog for every error: a page that looks every few seconds must fail quietly, keep
// its last snapshot and say so itself.

const ROOM = "Job Console Settings";
const EVENT = "job_console_changed";
const INCIDENT_EVENT = "job_console_incident";
// Frappe's socket gives up after three attempts, and a page that stays open all day sees its server restart.
const RECONNECT_MS = 10_000;

/**
 * @returns {Host}
 */
export function createDeskHost() {
	setHabit(habit());
	return {
		name: "desk",
		user: frappe.session?.user ?? null,
		bench: null,
		call: (name, args) => request("GET", name, args),
		post: (name, args) => request("POST", name, args),
		subscribe,
		notify,
		confirm: async (question) => (await ask({ ...question, fields: [] })) !== null,
		ask,
		__: (text, params) => window.__(text, params),
		route,
		copy,
		// The icon is Frappe's.
		showInTab: numberTitle,
		records: true,
		makesJobs: true,
		userUrl: (user) => docUrl("User", user),
		docUrl,
		listUrl,
		newDoc,
	};
}

/**
 * The user's own zone and the formats of Frappe, which its forms and lists have too.
 *
 * @returns {Habit}
 */
function habit() {
	const { boot } = frappe;
	return {
		zone: boot?.time_zone?.user || boot?.time_zone?.system || boot?.sysdefaults?.time_zone,
		date: boot?.sysdefaults?.date_format || "yyyy-mm-dd",
		number: (value, digits) => window.format_number(value, null, digits),
	};
}

/**
 * @param {"GET" | "POST"} method
 * @param {string} name
 * @param {object} args
 * @returns {Promise<any>}
 */
async function request(method, name, args = {}) {
	const url = `/api/method/job_console.api.${name}`;
	const headers = { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token };
	const answer =
		method === "GET"
			? requestJson(window.__, url + queryString(args), { headers }, readError)
			: requestJson(
					window.__,
					url,
					{
						method,
						headers: { ...headers, "Content-Type": "application/json" },
						body: JSON.stringify(args),
					},
					readError,
					SLOW_CALLS[name],
				);
	return (await answer).message;
}

/**
 * @param {string} text
 * @param {string | undefined} color
 * @param {Offer | null} offer
 * @returns {() => void}
 */
function notify(text, color, offer = null) {
	const escape = frappe.utils.escape_html;
	/** @type {{ message: string, indicator?: string, subtitle?: string }} */
	const message = { message: escape(text), indicator: color };
	if (offer) {
		const button = `<button type="button" class="btn btn-default btn-xs" data-action="offer">`;
		message.subtitle = `${button}${escape(offer.label)}</button>`;
	}
	const actions = offer ? { offer: offer.run } : {};
	const alert = frappe.show_alert(message, offer?.seconds ?? MESSAGE_S, actions);
	return () => alert?.remove();
}

/**
 * @param {number} status
 * @param {any} body
 * @returns {[string, string | null]}
 */
function readError(status, body) {
	if (body?.session_expired) {
		frappe.app.handle_session_expired?.();
		return ["Forbidden", window.__("Your session has ended. Please log in again.")];
	}
	const type = body?.exc_type || (status === 403 ? "Forbidden" : "ServerError");
	return [type, serverMessage(body) || body?.exception || null];
}

/**
 * @param {any} body
 * @returns {string | null}
 */
function serverMessage(body) {
	try {
		const first = JSON.parse(JSON.parse(body._server_messages)[0]);
		return frappe.utils.html2text?.(first.message) ?? first.message;
	} catch {
		return null;
	}
}

/**
 * @param {HostListener} listener
 * @returns {() => void}
 */
function subscribe(listener) {
	/** @param {{ at?: string }} [said] */
	const changed = (said) => listener("changed", said?.at);
	const open = () => {
		frappe.realtime.doctype_subscribe(ROOM);
		listener("open");
	};
	const closed = () => listener("closed");
	// Incidents are documents of the site: no look at Redis tells of them.
	const incident = () => listener("changed");
	frappe.realtime.on(EVENT, changed);
	frappe.realtime.on(INCIDENT_EVENT, incident);
	frappe.realtime.on("connect", open);
	frappe.realtime.on("disconnect", closed);
	if (frappe.realtime.socket?.connected) open();
	const reconnecting = setInterval(reconnect, RECONNECT_MS);
	return () => {
		clearInterval(reconnecting);
		frappe.realtime.off(EVENT, changed);
		frappe.realtime.off(INCIDENT_EVENT, incident);
		frappe.realtime.off("connect", open);
		frappe.realtime.off("disconnect", closed);
		frappe.realtime.doctype_unsubscribe?.(ROOM);
	};
}

function reconnect() {
	const { socket } = frappe.realtime;
	if (socket && !socket.connected && !document.hidden) socket.connect();
}

// The page's own name in the address, so that /app and /desk prefixes work alike.
const PAGE = "/job-monitor";

function base() {
	const at = location.pathname.indexOf(PAGE);
	return at < 0 ? `/app${PAGE}` : location.pathname.slice(0, at + PAGE.length);
}

function isHere() {
	return `${location.pathname}/`.includes(`${PAGE}/`);
}

/** @type {HostRoute} */
const route = {
	get() {
		const rest = location.pathname.slice(base().length);
		const query = { ...frappe.route_options, ...queryFrom(location.search) };
		// The desk keeps what it reads from an address for the next list view that opens;
		// our filters must not become that list's filters.
		frappe.route_options = null;
		return { path: rest.split("/").filter(Boolean).map(decodeURIComponent), query };
	},
	set(to, { replace = false } = {}) {
		history[replace ? "replaceState" : "pushState"](null, "", route.href(to));
	},
	href: ({ path, query }) => [base(), ...path].join("/") + queryString(query),
	onChange(listener) {
		const changed = () => isHere() && listener();
		frappe.router.on("change", changed);
		return () => frappe.router.off("change", changed);
	},
};

/**
 * @param {string} text
 */
async function copy(text) {
	if (navigator.clipboard && window.isSecureContext) await navigator.clipboard.writeText(text);
	else frappe.utils.copy_to_clipboard(text);
}

/**
 * @param {string} doctype
 * @param {string} name
 * @returns {string | null}
 */
function docUrl(doctype, name) {
	if (!doctype || !name) return null;
	return frappe.utils.get_form_link(doctype, name);
}

/**
 * @param {string} doctype
 * @returns {string | null}
 */
function listUrl(doctype) {
	if (!frappe.model.can_read(doctype)) return null;
	return `${base().slice(0, -PAGE.length)}/${frappe.router.slug(doctype)}`;
}

/**
 * @param {string} doctype
 * @param {object} values
 * @param {Record<string, unknown>} notes
 * @returns {Promise<unknown>}
 */
function newDoc(doctype, values, notes = {}) {
	return new Promise((resolve) =>
		frappe.model.with_doctype(doctype, () => {
			const doc = frappe.model.get_new_doc(doctype);
			Object.assign(doc, values);
			for (const [name, note] of Object.entries(notes)) doc[`__${name}`] = note;
			resolve(frappe.set_route("Form", doctype, doc.name));
		}),
	);
}

/**
 * Frappe's own dialog, as a promise: closing it in any way is an answer too.
 *
 * @param {Question & { fields: Field[] }} question
 * @returns {Promise<Record<string, string> | null>}
 */
function ask({ title, message, fields, yes, danger }) {
	const escape = frappe.utils.escape_html;
	// Bootstrap's dialog leaves the focus nowhere.
	const before = /** @type {HTMLElement | null} */ (document.activeElement);
	return new Promise((resolve) => {
		/** @type {Record<string, string> | null} */
		let answer = null;
		const dialog = new frappe.ui.Dialog({
			title: escape(title),
			fields: [
				...(message ? [{ fieldtype: "HTML", options: `<p>${escape(message)}</p>` }] : []),
				...fields.map(toField),
			],
			primary_action_label: yes,
			primary_action(/** @type {Record<string, string>} */ values) {
				answer = values || {};
				dialog.hide();
			},
			secondary_action_label: window.__("Keep as it is"),
			secondary_action: () => dialog.hide(),
		});
		dialog.onhide = () => {
			if (before?.isConnected) before.focus({ preventScroll: true });
			resolve(answer);
		};
		// Frappe would put the focus on the first field, and finds the message there.
		dialog.on_page_show = () => {
			const field = dialog.$wrapper.find("select, input, textarea").filter(":visible")[0];
			(field || dialog.get_primary_btn()[0])?.focus();
		};
		if (danger) dialog.get_primary_btn().removeClass("btn-primary").addClass("btn-danger");
		dialog.show();
	});
}

/**
 * @param {Field} field
 * @returns {object}
 */
function toField({ name, label, type, options, optional }) {
	const field = { fieldname: name, label, reqd: optional ? 0 : 1 };
	return type === "select"
		? { ...field, fieldtype: "Select", options, default: options?.[0]?.value }
		: { ...field, fieldtype: "Data" };
}
