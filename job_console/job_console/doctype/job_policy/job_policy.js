// Each of these changes what the policy would have done to yesterday's jobs.
const TRIED = [
	"match_by",
	"method",
	"scheduled_job_type",
	"pattern",
	"queue",
	"timeout",
	"expected_duration",
	"overrun_factor",
	"longest_wait",
	"attempts",
	"unique_key",
];

// Where a part of a policy is said, by the name that the engine has for it.
const FIELDS = {
	timeout: "timeout",
	key: "unique_key",
	limit: "max_runs",
	lock: "lock_key",
};
const PATHS = {
	scheduler: __("the scheduler"),
	server_script: __("a Server Script"),
	background_task: __("a Background Task"),
	queue_action: "Document.queue_action",
	rq: __("RQ's own enqueue"),
};

frappe.ui.form.on("Job Policy", {
	refresh(frm) {
		frappe.xcall("job_console.api.lanes").then((lanes) => {
			const names = Object.entries(lanes).map(([value, seconds]) => ({
				value,
				label: value,
				description: __("up to {0} s", [written(seconds)]),
			}));
			frm.get_field("queue").set_data(names);
		});
		// Those are suggestions: a method may not have run yet.
		frm.get_field("method").df.ignore_validation = 1;
		frappe
			.xcall("job_console.api.seen_methods")
			.then((methods) => frm.get_field("method").set_data(methods));
		show_matches(frm);
		show_overridden(frm);
		show_observed(frm);
		show_mistakes(frm, []);
	},
	/** All that is wrong is told at once, each at its field. */
	async validate(frm) {
		// The server refuses what is wrong in any case.
		const mistakes = await frappe
			.xcall("job_console.api.check_policy", { policy: frm.doc })
			.catch(() => []);
		show_mistakes(frm, mistakes);
		if (mistakes.length) frappe.validated = false;
	},
	...Object.fromEntries(TRIED.map((fieldname) => [fieldname, show_matches])),
});

/** @param {{field: string, text: string}[]} mistakes */
function show_mistakes(frm, mistakes) {
	frm.layout.wrapper.find(".job-policy-mistake").remove();
	for (const { field, text } of mistakes) {
		const place = frm.get_field(field)?.$wrapper;
		place?.append($('<p class="job-policy-mistake text-danger small"></p>').text(text));
	}
	if (!mistakes.length) return;
	frm.scroll_to_field(mistakes[0].field);
	frappe.show_alert({
		message:
			mistakes.length === 1
				? __("There is a mistake in this policy. It stands at its field.")
				: __("There are {0} mistakes in this policy. Each stands at its field.", [
						mistakes.length,
					]),
		indicator: "red",
	});
}

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
					[written(observed.runs), seconds(observed.median_s), seconds(observed.p99_s)],
				),
		"blue",
	);
}

function table(tried) {
	return [
		matched(tried),
		listed(__("What it would have changed"), tried.changes),
		listed(__("What a change does to jobs that wait"), tried.waiting),
		obeyed(tried.paths),
		early(tried.early),
	].join("");
}

function matched({ matches, of_runs }) {
	const escape = frappe.utils.escape_html;
	if (!matches.length)
		return muted(__("None of the {0} jobs of the last day.", [written(of_runs)]));
	const own = matches.filter((match) => !match.by);
	const runs = own.reduce((sum, match) => sum + match.runs, 0);
	const rows = matches.slice(0, 20).map((match) => {
		const by = match.by
			? __("has its own: {0}", [
					`<a href="${frappe.utils.get_form_link("Job Policy", match.by)}">${escape(match.by)}</a>`,
				])
			: "";
		const kind = match.scheduled ? __("scheduled") : "";
		return `<tr><td>${escape(match.method)}</td><td>${kind}</td><td class="text-right">${written(match.runs)}</td><td>${by}</td></tr>`;
	});
	const more =
		matches.length > 20
			? muted(__("and {0} more methods", [written(matches.length - 20)]))
			: "";
	return `${muted(__("{0} of the {1} jobs of the last day", [written(runs), written(of_runs)]))}
		<table class="table table-sm table-bordered"><thead><tr>
		<th>${__("Method")}</th><th></th><th class="text-right">${__("Jobs")}</th><th>${__("Another policy goes first")}</th>
		</tr></thead><tbody>${rows.join("")}</tbody></table>${more}`;
}

function listed(title, sentences) {
	if (!sentences.length) return "";
	const items = sentences.map((each) => `<li>${frappe.utils.escape_html(each)}</li>`);
	return `<p><b>${title}</b></p><ul>${items.join("")}</ul>`;
}

/** On which paths its jobs of the last day were made, and what could not be obeyed there. */
function obeyed(paths) {
	if (!paths.length) return "";
	const escape = frappe.utils.escape_html;
	const label = (name) => __(frappe.meta.get_label("Job Policy", FIELDS[name] || name));
	const rows = paths.map(({ path, jobs, missed }) => {
		const not = missed.map(
			({ field, jobs: times, why }) =>
				`${escape(label(field))}: ${__("not in {0}", [written(times)])}${why ? `. ${escape(__(why))}` : ""}`,
		);
		return `<tr><td>${escape(PATHS[path] || path)}</td><td class="text-right">${written(jobs)}</td><td>${
			not.join("<br>") || __("all obeyed")
		}</td></tr>`;
	});
	return `<p><b>${__("How its jobs of the last day were made")}</b></p>
		<table class="table table-sm table-bordered"><thead><tr>
		<th>${__("By")}</th><th class="text-right">${__("Jobs")}</th><th>${__("Obeyed")}</th>
		</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function early(count) {
	if (!count) return "";
	return muted(
		__(
			"{0} of them were enqueued before what they are about was committed: After the Commit would send them later.",
			[written(count)],
		),
	);
}

/** A count, with the separators of the user's number format. */
function written(count) {
	return format_number(count, null, 0);
}

function muted(text) {
	return `<p class="text-muted">${text}</p>`;
}
