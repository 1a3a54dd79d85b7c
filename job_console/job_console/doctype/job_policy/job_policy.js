frappe.ui.form.on("Job Policy", {
	refresh(frm) {
		frappe.xcall("job_console.api.lanes").then((lanes) => {
			const names = Object.entries(lanes).map(([value, seconds]) => ({
				value,
				label: value,
				description: __("up to {0} s", [seconds]),
			}));
			frm.get_field("queue").set_data(names);
		});
		show_matches(frm);
		show_overridden(frm);
		show_observed(frm);
	},
	match_by: show_matches,
	method: show_matches,
	scheduled_job_type: show_matches,
	pattern: show_matches,
});

/** The jobs of the last day that the form would have been for, as it stands, also before it is saved. */
function show_matches(frm) {
	const field = frm.get_field("matched_html");
	const asked =
		frm.doc[
			{ Method: "method", Pattern: "pattern" }[frm.doc.match_by] || "scheduled_job_type"
		];
	if (!asked) return field.$wrapper.html(muted(__("Say first which jobs it is for.")));
	const turn = (frm.matches_turn = (frm.matches_turn || 0) + 1);
	return frappe
		.xcall("job_console.api.try_policy", { policy: frm.doc })
		.then((tried) => turn === frm.matches_turn && field.$wrapper.html(table(tried)));
}

/** What people have changed of a policy that the code declares. */
function show_overridden(frm) {
	const fields = frm.doc.__onload?.overridden || [];
	const escape = frappe.utils.escape_html;
	const said = (value) => (value || value === 0 ? escape(String(value)) : __("nothing"));
	const items = fields.map(
		([label, value]) =>
			`<li>${__("{0}: the code says {1}", [escape(__(label)), said(value)])}</li>`,
	);
	const words = fields.length
		? `${__("Changed here, and kept when the code changes:")}<ul>${items.join("")}</ul>`
		: __("Everything is as the code says.");
	frm.get_field("overridden_html").$wrapper.html(words);
	if (!fields.length || frm.is_new()) return;
	frm.add_custom_button(__("Reset to Code"), () =>
		frappe.confirm(__("All fields that the code declares become what it says."), () =>
			frappe
				.xcall("job_console.api.reset_policy", { name: frm.doc.name })
				.then(() => frm.reload_doc()),
		),
	);
}

/** Where the figures of a new policy come from, when Job Monitor proposed them. */
function show_observed(frm) {
	const observed = frm.is_new() && frm.doc.__observed;
	if (!observed) return;
	const seconds = (value) =>
		frappe.format(value, { fieldtype: "Float", precision: 1 }, { inline: 1 });
	frm.set_intro(
		observed.median_s === null
			? __(
					"None of its runs that ended well was counted yet, so nothing of its times is proposed.",
				)
			: __(
					"From {0} runs of the last week: half of them took up to {1} s, 99 of 100 up to {2} s.",
					[observed.runs, seconds(observed.median_s), seconds(observed.p99_s)],
				),
		"blue",
	);
}

function table({ matches, of_runs }) {
	const escape = frappe.utils.escape_html;
	if (!matches.length) return muted(__("None of the {0} jobs of the last day.", [of_runs]));
	const own = matches.filter((match) => !match.by);
	const runs = own.reduce((sum, match) => sum + match.runs, 0);
	const rows = matches.slice(0, 20).map((match) => {
		const by = match.by
			? __("has its own: {0}", [
					`<a href="${frappe.utils.get_form_link("Job Policy", match.by)}">${escape(match.by)}</a>`,
				])
			: "";
		const kind = match.scheduled ? __("scheduled") : "";
		return `<tr><td>${escape(match.method)}</td><td>${kind}</td><td class="text-right">${match.runs}</td><td>${by}</td></tr>`;
	});
	const more =
		matches.length > 20 ? muted(__("and {0} more methods", [matches.length - 20])) : "";
	return `${muted(__("{0} of the {1} jobs of the last day", [runs, of_runs]))}
		<table class="table table-sm table-bordered"><thead><tr>
		<th>${__("Method")}</th><th></th><th class="text-right">${__("Jobs")}</th><th>${__("Another policy goes first")}</th>
		</tr></thead><tbody>${rows.join("")}</tbody></table>${more}`;
}

function muted(text) {
	return `<p class="text-muted">${text}</p>`;
}
