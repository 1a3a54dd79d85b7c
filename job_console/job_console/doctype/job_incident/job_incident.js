frappe.ui.form.on("Job Incident", {
	refresh(frm) {
		frm.disable_save();
		const colours = { Critical: "red", Warning: "orange" };
		const resolved = frm.doc.status === "Resolved";
		frm.page.set_indicator(
			resolved ? __("Resolved") : __("{0}: {1}", [__(frm.doc.severity), __(frm.doc.status)]),
			resolved ? "green" : colours[frm.doc.severity],
		);
		if (frm.doc.status === "Open") {
			frm.add_custom_button(__("Acknowledge"), async () => {
				await frappe.xcall("job_console.api.acknowledge", { incident: frm.doc.name });
				frm.reload_doc();
			}).addClass("btn-primary");
		}
		frm.add_custom_button(__("Open in Job Monitor"), () => {
			if (frm.doc.job_id) frappe.set_route("job-monitor", "jobs", { job: frm.doc.job_id });
			else frappe.set_route("job-monitor");
		});
	},
});
