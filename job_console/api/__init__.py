"""The desk's API. Each function checks the role, asks the engine, returns JSON; the answers' shapes are in docs/api.md.

All are offered here, as `job_console.api.NAME`, by which the desk calls them. No module is named as a function, which
would hide it.

No `from __future__ import annotations` in its modules: Frappe enforces the annotations of whitelisted functions, and
skips text.
"""

from .bench import drain, lanes, operate, snapshot
from .bulk_actions import bulks, cancel_bulk, start_bulk, step_bulk, undo_bulk
from .failure_groups import cancel_canary, failure_jobs, failures, retry_group
from .history import metrics_history, moment, weekly_report, what_if
from .incidents import acknowledge, open_incidents, pulse
from .job_actions import act, audit, retry_edited
from .job_details import explain, log, profile, show, where
from .job_lists import complete_query, jobs, search, waiting
from .job_policies import check_policy, draft_policy, early_jobs, record_repeat, reset_policy, seen_methods, try_policy
from .named_locks import extend_lock, lock, locks, release_lock
from .new_jobs import job_form, make_job
from .own_jobs import cancel_my_job, document_jobs, my_jobs
from .saved_views import delete_view, save_view, views
from .schedules import move_schedules, schedule, schedule_day, schedule_preview, schedule_quieter
from .scraping import metrics
from .warning_remedies import about_warning, mend, remedy, silence_warning, warnings

__all__ = [
    "about_warning",
    "acknowledge",
    "act",
    "audit",
    "bulks",
    "cancel_bulk",
    "cancel_canary",
    "cancel_my_job",
    "check_policy",
    "complete_query",
    "delete_view",
    "document_jobs",
    "draft_policy",
    "drain",
    "early_jobs",
    "explain",
    "extend_lock",
    "failure_jobs",
    "failures",
    "job_form",
    "jobs",
    "lanes",
    "lock",
    "locks",
    "log",
    "make_job",
    "mend",
    "metrics",
    "metrics_history",
    "moment",
    "move_schedules",
    "my_jobs",
    "open_incidents",
    "operate",
    "profile",
    "pulse",
    "record_repeat",
    "release_lock",
    "remedy",
    "reset_policy",
    "retry_edited",
    "retry_group",
    "save_view",
    "schedule",
    "schedule_day",
    "schedule_preview",
    "schedule_quieter",
    "search",
    "seen_methods",
    "show",
    "silence_warning",
    "snapshot",
    "start_bulk",
    "step_bulk",
    "try_policy",
    "undo_bulk",
    "views",
    "waiting",
    "warnings",
    "weekly_report",
    "what_if",
    "where",
]
