frappe.ui.form.on("Job Console Settings", {
	refresh(frm) {
		frappe.xcall("job_console.api.early_jobs").then(({ total, methods, prevented }) => {
			const escape = frappe.utils.escape_html;
			const written = (count) => format_number(count, null, 0);
			const rows = methods.map(
				([method, count]) =>
					`<tr><td>${escape(method)}</td><td class="text-right">${written(count)}</td></tr>`,
			);
			const words = total
				? __(
						"{0} jobs of the last day were enqueued before what they are about was committed:",
						[written(total)],
					)
				: __("No job of the last day was enqueued before what it is about was committed.");
			const table = total
				? `<table class="table table-sm table-bordered"><tbody>${rows.join("")}</tbody></table>`
				: "";
			const kept = prevented
				? `<p class="text-muted">${__("{0} more were sent after their commit.", [written(prevented)])}</p>`
				: "";
			frm.get_field("early_html").$wrapper.html(
				`<p class="text-muted">${words}</p>${table}${kept}`,
			);
		});
	},
});
