frappe.pages["my-jobs"].on_page_load = function (wrapper) {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("My Jobs"),
		single_column: true,
	});
	const list = $('<div class="frappe-card p-3 my-3" role="region">').attr(
		"aria-label",
		__("My Jobs"),
	);
	list.appendTo(page.main);
	const own = window.job_console?.own_jobs;
	if (!own) {
		list.addClass("text-muted").text(__("This site shows nobody their background jobs."));
		return;
	}
	own.style();

	const say = (words) => list.empty().append($('<p class="text-muted m-0">').text(words));
	const named = (job) => {
		const words = $("<span>").append($("<b>").text(job.what));
		if (job.doctype) {
			const link = $("<a>").attr("href", frappe.utils.get_form_link(job.doctype, job.name));
			words.append(" · ", link.text(`${__(job.doctype)} ${job.name}`));
		}
		words.append(" · ", document.createTextNode(job.words));
		const since = frappe.datetime.prettyDate(to_system(job.enqueued_at));
		words.append($('<span class="text-muted small">').text(` ${since}`));
		return words[0];
	};
	const draw = (jobs) => {
		if (!jobs.length) return say(__("Nothing of yours runs in the background."));
		const rows = jobs.map((job) => {
			const row = own.row(job, named(job), () => following.now());
			return $('<li class="py-2">').append(row);
		});
		list.empty().append($('<ul class="list-unstyled m-0">').append(rows));
	};
	const ask = async () => {
		const { status, message, refusal } = await own.call("my_jobs");
		if (status === 200) draw(message.jobs);
		else if (status === 403) say(refusal);
		return status === 200 ? message.jobs.some(own.active) : status !== 403;
	};
	let shown = false;
	const following = new own.Following(ask, () => shown && !document.hidden);
	const again = () => {
		following.stop();
		following.now();
	};
	$(wrapper).on("show", () => {
		shown = true;
		$(document).on("job_console_own_jobs.my_jobs visibilitychange.my_jobs", again);
		again();
	});
	$(wrapper).on("hide", () => {
		shown = false;
		$(document).off(".my_jobs");
		following.stop();
	});
};

// The API's times are in UTC, those of Frappe's functions in the site's zone.
function to_system(iso) {
	return moment
		.utc(iso)
		.tz(frappe.boot.time_zone?.system || "UTC")
		.format("YYYY-MM-DD HH:mm:ss");
}
