"""Which of Frappe's internal names each of our modules uses, from 15 to 17, and the substitute where one is missing.

This is the one place to read before Frappe is upgraded, and the one to change after it: `STANDS_ON` is compared with
what our modules really import and with the Frappe that is here (bridge/tests/test_versions.py). Frappe's documented
ways (`frappe.get_all`, `frappe.db.commit`, `frappe.throw` …) are not listed: it keeps those by itself.

What differs between versions is asked for by what is there, never by a version's number: 16.0.0-dev and 16 differ as
much as 15 and 16.
"""

from dataclasses import dataclass

import frappe

#: What `pyproject.toml` asks bench for.
SUPPORTED = ">=15.0.0,<18.0.0-dev"


@dataclass(frozen=True, slots=True)
class Api:
    """A name of Frappe's: dotted; a doctype; or a hook."""

    name: str
    #: Versions that have it.
    of: str = "15 16 17"
    #: What is done in the others.
    otherwise: str = ""

    @property
    def everywhere(self) -> bool:
        return self.of == "15 16 17"


_JOBS = "frappe.utils.background_jobs"
_SCHEDULER = "frappe.utils.scheduler"
_TIME = tuple(Api(f"frappe.utils.{name}") for name in ("get_datetime", "get_system_timezone", "now_datetime"))

#: By module of this app, without `job_console.` in front.
STANDS_ON: dict[str, tuple[Api, ...]] = {
    "bridge.connection": (
        Api("frappe.utils.cint"),
        Api("frappe.utils.get_bench_id"),
        Api("frappe.utils.get_bench_path"),
        Api(_JOBS),
        Api(f"{_JOBS}.MAX_QUEUED_JOBS", "16 17", "no lane is ever too deep"),
        Api(f"{_JOBS}._site_count", "16 17", "asked for with MAX_QUEUED_JOBS only"),
    ),
    "bridge.language": (
        Api("frappe.translate.get_user_lang"),
        Api("frappe.utils.format_date"),
        Api("frappe.utils.get_system_timezone"),
    ),
    "bridge.live": (Api(f"{_JOBS}.get_redis_connection_without_auth"),),
    "bridge.new_jobs": (Api(_JOBS),),
    "bridge.own_jobs": (Api("frappe.utils.now"), Api("Submission Queue"), Api("frappe.TooManyRequestsError")),
    "bridge.personal": (
        Api("Workspace Sidebar", "16 17", "16.0.0-dev and before have workspaces only"),
        Api("Desktop Icon", "16 17", "the same"),
        Api("Desktop Layout", "17", "nobody arranges a desktop"),
    ),
    "bridge.policies.policies": (Api(f"{_JOBS}.get_queues_timeout"),),
    "bridge.policies.signatures": (Api("frappe.model.base_document.get_controller"),),
    "bridge.realtime": (Api("frappe.publish_realtime"),),
    "bridge.schedule.actions": (
        *_TIME,
        Api("frappe.installer.update_site_config"),
        Api("frappe.model.document.Document"),
        Api(f"{_JOBS}.create_job_id"),
        Api(_SCHEDULER),
    ),
    "bridge.schedule.logs": (
        *_TIME,
        Api("frappe.utils.cint"),
        Api(f"{_JOBS}.create_job_id"),
        Api(f"{_JOBS}.get_queues_timeout"),
    ),
    "bridge.schedule.moved": (Api("frappe.model.document.Document"), Api("frappe.utils.now_datetime")),
    "bridge.schedule.schedule": (
        *_TIME,
        Api("frappe.model.base_document.get_controller"),
        Api("frappe.model.document.Document"),
        Api("frappe.utils.cint"),
        Api(f"{_JOBS}.create_job_id"),
        Api(f"{_JOBS}.generate_qname"),
        Api(f"{_SCHEDULER}.get_scheduler_tick"),
        Api(f"{_SCHEDULER}.schedule_jobs_based_on_activity"),
    ),
    "bridge.schedule.scheduler_process": (Api("frappe.utils.get_bench_path"),),
    "bridge.sweep.alerts": (
        Api("frappe.utils.escape_html"),
        Api("frappe.utils.get_url"),
        Api("frappe.utils.user.get_users_with_role"),
    ),
    "bridge.sweep.incidents": (
        *_TIME,
        Api("frappe.model.document.Document"),
        Api("frappe.utils.convert_utc_to_system_timezone"),
    ),
    "bridge.sweep.job_metrics": (Api("frappe.utils.convert_utc_to_system_timezone"),),
    "bridge.sweep.notifications": (
        Api("frappe.model.document.Document"),
        Api("frappe.utils.user.get_users_with_role"),
    ),
    "bridge.sweep.parts": (Api("frappe.utils.now_datetime"),),
    "bridge.sweep.notification_log": (Api("frappe.utils.escape_html"),),
    "bridge.sweep.watcher": (Api("frappe.utils.get_sites"),),
    "bridge.sweep.weekly_report": (
        Api("frappe.utils.cint"),
        Api("frappe.utils.escape_html"),
        Api("frappe.utils.get_url"),
        Api("frappe.utils.getdate"),
    ),
    "bridge.tasks": (
        Api(f"{_JOBS}.create_job_id"),
        Api("frappe.utils.now"),
        Api("Background Task", "17", "there are none, and nothing is written"),
    ),
    "bridge.ticks.scheduled_run": (
        *_TIME,
        Api("frappe.core.doctype.scheduled_job_type.scheduled_job_type.ScheduledJobType"),
        Api(f"{_JOBS}.create_job_id"),
        Api(f"{_SCHEDULER}.get_scheduler_tick"),
    ),
    "bridge.uninstall": (Api("frappe.utils.get_bench_path"),),
    "bridge.versions": (
        Api("frappe.locale.get_number_format", "16 17", "the site's number format, whatever the language"),
    ),
    "job_console.doctype.job_checkpoint.job_checkpoint": (Api("frappe.model.document.Document"),),
    "job_console.doctype.job_checkpoint_item.job_checkpoint_item": (Api("frappe.model.document.Document"),),
    "job_console.doctype.job_console_settings.job_console_settings": (Api("frappe.model.document.Document"),),
    "job_console.doctype.job_incident.job_incident": (
        Api("frappe.model.document.Document"),
        Api("frappe.utils.add_days"),
        Api("frappe.utils.now_datetime"),
    ),
    "job_console.doctype.job_metric.job_metric": (Api("frappe.model.document.Document"),),
    "job_console.doctype.job_once_key.job_once_key": (Api("frappe.model.document.Document"),),
    "job_console.doctype.job_policy.job_policy": (
        Api("frappe.model.base_document.get_controller"),
        Api("frappe.model.document.Document"),
    ),
    "job_console.doctype.lock_registry.lock_registry": (
        Api("frappe.model.document.Document"),
        Api("frappe.utils.cint"),
        Api("frappe.utils.convert_utc_to_system_timezone"),
        Api("frappe.utils.cstr"),
    ),
    "job_console.doctype.moved_schedule.moved_schedule": (Api("frappe.model.document.Document"),),
    "runtime.chunks.checkpoint": (Api("frappe.database.database.Database"),),  # its `_cursor`, for the row count
    "runtime.chunks.parts": (Api(f"{_JOBS}.create_job_id"),),
    "runtime.chunks.source": (Api("frappe.model.document.Document"),),
    "runtime.declare.schedules": (
        Api("Scheduler Event", "16 17", "schedules are declared in hooks.py; who declares one in code is told"),
    ),
    "runtime.enqueue.enqueue": (Api("frappe.model.document.Document"), Api(_JOBS)),
    "runtime.enqueue.apply_policy": (Api(f"{_JOBS}.create_job_id"), Api(f"{_JOBS}.get_queue")),
    "runtime.enqueue.handle": (Api(f"{_JOBS}.get_redis_conn"),),
    "runtime.progress.frappe_events": (Api("frappe.realtime"), Api("frappe.realtime.emit_via_redis")),
    "runtime.progress.user_notice": (
        Api("frappe.get_current_task", "17", "`frappe.publish_progress`, for who asks for it"),
    ),
    "runtime.run.retries": (Api("frappe.utils.get_bench_path"),),
    "runtime.run.stacks": (Api("frappe.utils.get_bench_path"),),
    "runtime.transactions.lifecycle": (
        Api("frappe.model.document.Document"),  # its `run_method`
        Api("frappe.utils.CallbackManager"),
    ),
    "runtime.transactions.transaction": (
        Api("frappe.database.database.Database"),  # its `_conn`, `value_cache` and four lists of callbacks
    ),
    "runtime.transactions.writes": (
        Api("frappe.database.database.Database"),
        Api("frappe.database.database.Database.check_transaction_status"),
    ),
    "testing.clock": (Api("frappe.utils.now_datetime"),),
    "testing.store": (Api(_JOBS),),  # its `_redis_queue_conn`
    "testing.transaction": (
        Api("frappe.utils.CallbackManager"),
        # `commit`, `rollback` and `begin`, before which it stands, and where it counts who must not commit
        Api("frappe.database.database.Database"),
    ),
}


def in_test() -> bool:
    """17 says it in another place than 15 and 16."""
    return bool(getattr(frappe, "in_test", False) or frappe.flags.in_test)


def desk_route(path: str) -> str:
    """An address in the desk: 17, and 16 since its sidebar, have `/desk` in front, where `/app` loads the page anew."""
    return f"{'/desk' if has_doctype('Workspace Sidebar') else '/app'}/{path}"


def has_doctype(name: str) -> bool:
    return bool(frappe.db.exists("DocType", name))


def number_separators(language: str) -> tuple[str, str]:
    """(of decimals, of thousands), as the language or the site has them."""
    try:
        from frappe.locale import get_number_format
    except ImportError:
        known = frappe.utils.get_number_format_info(frappe.db.get_default("number_format") or "#,###.##")
        return known[0] or ".", known[1]
    found = get_number_format(language)
    return found.decimal_separator or ".", found.thousands_separator
