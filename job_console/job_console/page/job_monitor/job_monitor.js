frappe.pages["job-monitor"].on_page_load = function (wrapper) {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("Job Monitor"),
		single_column: true,
	});
	wrapper.disable_scroll_to_top = true;

	let shown = false;
	let unmount = null;
	$(wrapper).on("show", async () => {
		shown = true;
		await frappe.require("job_monitor.bundle.js");
		if (shown && !unmount) unmount = job_console.mount_monitor(wrapper, page);
	});
	$(wrapper).on("hide", () => {
		shown = false;
		unmount?.();
		unmount = null;
	});
};
