frappe.ui.form.on("Lock Registry", {
	refresh(frm) {
		frm.disable_save();
		if (frm.doc.kind === "Lock") show_people(frm);
		if (frm.doc.holder_job) {
			frm.add_custom_button(__("Show the Holder's Job"), () => {
				frappe.route_options = { job: frm.doc.holder_job };
				frappe.set_route("job-monitor", "jobs");
			});
		}
	},
});

function show_people(frm) {
	frappe.xcall("job_console.api.lock", { key: frm.doc.name }).then((lock) => {
		if (lock.key !== frm.doc.name) return; // another form is open by now
		const field = frm.get_field("people_html");
		if (field) field.$wrapper.html(people(lock));
		frm.lock_shown = lock;
		if (!lock.holders.length) return;
		frm.add_custom_button(__("Release lock"), () => release(frm));
		frm.add_custom_button(__("Extend"), () => extend(frm));
	});
}

// From the holder that is shown: whoever has it by now keeps it. Several holders are all meant.
function request(frm) {
	const { key, holders } = frm.lock_shown;
	return holders.length === 1 ? { key, fence: holders[0].token } : { key };
}

function release(frm) {
	const explain = __(
		"Whoever holds it loses it: what they have not committed is rolled back. The next in line has it.",
	);
	const asked = request(frm);
	frappe.prompt(
		[
			{ fieldtype: "HTML", options: `<p>${explain}</p>` },
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 },
		],
		({ reason }) =>
			frappe
				.xcall("job_console.api.release_lock", { ...asked, reason })
				.then(() => frm.reload_doc()),
		__("Release {0}", [frm.doc.lock_key]),
		__("Release lock"),
	);
}

function extend(frm) {
	const asked = request(frm);
	frappe.prompt(
		[
			{ fieldname: "minutes", fieldtype: "Int", label: __("Minutes"), default: 5, reqd: 1 },
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason") },
		],
		({ minutes, reason }) =>
			frappe
				.xcall("job_console.api.extend_lock", {
					...asked,
					seconds: minutes * 60,
					reason: reason || "",
				})
				.then(() => frm.reload_doc()),
		__("Extend {0}", [frm.doc.lock_key]),
		__("Extend"),
	);
}

function people(lock) {
	const rows = [
		...lock.holders.map((who) => [__("has it"), who, who.held_s]),
		...lock.waiters.map((who) => [__("waits"), who, who.waited_s]),
		...lock.last_holders.map((who) => [how(who.how), who, who.held_s]),
	];
	if (!rows.length) return `<p class="text-muted">${__("Nobody has used it lately.")}</p>`;
	const heads = [__("What"), __("Method"), __("Job"), __("User"), __("Process"), __("For")];
	const line = (cells, tag) =>
		`<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
	const body = rows.map(([what, who, seconds]) =>
		line(
			[
				what,
				safe(who.method),
				job(who.job_id),
				safe(who.user),
				place(who),
				`${format_number(seconds, null, 0)} s`,
			],
			"td",
		),
	);
	return `<table class="table table-bordered">${line(heads, "th")}${body.join("")}</table>`;
}

function how(ended) {
	return {
		released: __("had it"),
		lapsed: __("had it; its lease ran out"),
		forced: __("had it; it was taken"),
		abandoned: __("gave up as its turn came"),
	}[ended];
}

function job(id) {
	if (!id) return "";
	const desk = location.pathname.startsWith("/desk") ? "/desk" : "/app";
	return `<a href="${desk}/job-monitor/jobs?job=${encodeURIComponent(id)}">${safe(id)}</a>`;
}

function place(who) {
	return who.pid ? safe(`${who.host} · ${who.pid}`) : "";
}

function safe(text) {
	return frappe.utils.escape_html(text || "");
}
