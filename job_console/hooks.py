app_name = "job_console"
app_title = "Job Console"
app_publisher = "Job Console contributors"
app_description = "Sees, explains and mends the background jobs of a bench"
app_email = "hello@jobconsole.example"
app_license = "mit"

# No `add_to_apps_screen`: by those entries Frappe chooses where people land after login
# (`frappe.apps.get_default_path`), and a monitor must change that for nobody. The way to it is the sidebar.

# Both run inside every job of the bench: see runtime/run/hooks.py for what they may cost.
before_job = ["job_console.runtime.run.hooks.before_job"]
after_job = ["job_console.runtime.run.hooks.after_job"]

# Policies act on whatever this process enqueues: see runtime/enqueue/everywhere.py.
before_request = ["job_console.runtime.enqueue.at_start.before_request"]
after_request = ["job_console.runtime.enqueue.at_start.after_request"]

# A scheduled job that fails is `finished` for RQ; it writes these while it handles the exception.
doc_events = {
    doctype: {"before_change": "job_console.runtime.run.hooks.scheduled_job_wrote"}
    for doctype in ("Scheduled Job Type", "Scheduled Job Log")
}
# So is what Document.queue_action has enqueued; Frappe comments on the document.
doc_events["Comment"] = {"before_insert": "job_console.runtime.run.hooks.action_failed"}

# The form of a document that a job works on has a line about it: see bridge/own_jobs.py, also for what that costs.
doc_events["*"] = {"onload": "job_console.bridge.own_jobs.onload"}
extend_bootinfo = ["job_console.bridge.own_jobs.boot"]

# A tick obeys the policy of what it enqueues.
override_doctype_class = {"Scheduled Job Type": "job_console.bridge.ticks.scheduled_run.PolicedScheduledJobType"}

# Policies and schedules that apps declare in code; records that are there to be switched on.
after_install = [
    "job_console.runtime.declare.declarations.sync",
    "job_console.bridge.sweep.webhook.make",
    "job_console.bridge.sidebar.sync",
]
after_migrate = [
    "job_console.runtime.declare.declarations.sync",
    "job_console.bridge.schedule.moved.after_migrate",
    "job_console.bridge.sidebar.sync",
    "job_console.bridge.sweep.marks.after_migrate",
]
after_app_install = ["job_console.runtime.declare.declarations.sync_new_app"]
# Nothing before: Frappe's dry run calls those hooks as well, and changes nothing.
after_uninstall = [
    "job_console.runtime.declare.schedules.withdraw",
    "job_console.bridge.uninstall.after_uninstall",
]

require_type_annotated_api_methods = True

# A number in the navbar or sidebar of System Managers, and a message when an incident opens; for everybody, what their
# own jobs do.
app_include_js = ["job_console_pulse.bundle.js", "job_console_own_jobs.bundle.js"]

# Days that these are kept, unless Log Settings say otherwise.
default_log_clearing_doctypes = {"Job Checkpoint": 30, "Job Incident": 90, "Job Metric": 400, "Job Once Key": 90}
