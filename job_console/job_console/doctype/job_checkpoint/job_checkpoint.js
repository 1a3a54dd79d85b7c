frappe.ui.form.on("Job Checkpoint", {
	refresh(frm) {
		frm.disable_save();
		frm.get_field("reasons_html").$wrapper.html(reasons(frm.doc.reasons));
		frm.add_custom_button(__("Show the Job"), () =>
			frappe.set_route("job-monitor", "jobs", { job: frm.doc.job }),
		);
	},
});

function reasons(text) {
	const rows = Object.entries(JSON.parse(text || "{}")).sort((a, b) => b[1] - a[1]);
	if (!rows.length) return `<p class="text-muted">${__("None was.")}</p>`;
	const line = ([reason, count]) =>
		`<tr><td class="text-right">${format_number(count, null, 0)}</td>
		<td>${frappe.utils.escape_html(reason)}</td></tr>`;
	return `<table class="table table-sm">${rows.map(line).join("")}</table>`;
}
