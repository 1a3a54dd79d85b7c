frappe.listview_settings["Job Incident"] = {
	hide_name_column: true,
	add_fields: ["severity", "status", "jobs"],

	get_indicator(incident) {
		if (incident.status === "Resolved") return [__("Resolved"), "green", "status,=,Resolved"];
		const colour = incident.severity === "Critical" ? "red" : "orange";
		const status = incident.status === "Acknowledged" ? "Acknowledged" : "Open";
		return [__(status), status === "Open" ? colour : "blue", `status,=,${status}`];
	},

	onload(listview) {
		listview.page.add_inner_button(__("Job Monitor"), () => frappe.set_route("job-monitor"));
	},
};
