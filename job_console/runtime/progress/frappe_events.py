"""Shows on our page the progress that a job publishes for its user through Frappe, without a change of the job.

All of Frappe's ways to publish it (`publish_progress`, Background Tasks, an importer's own event) end in
`frappe.realtime.emit_via_redis`, and there is no hook for it: so that function is wrapped, in workers only.
"""

from functools import wraps
from typing import Any

import frappe
import frappe.realtime
from rq.timeouts import JobTimeoutException

from job_console.bridge import logs
from job_console.engine.models.progress import Progress

from .progress import of_current_run


def listen() -> None:
    """Once per process."""
    emit = frappe.realtime.emit_via_redis
    if getattr(emit, "job_console_listens", False):
        return

    @wraps(emit)
    def emit_and_report(event: str, message: Any, *args: Any, **kwargs: Any) -> None:
        _report(event, message)
        return emit(event, message, *args, **kwargs)

    emit_and_report.__dict__["job_console_listens"] = True
    frappe.realtime.emit_via_redis = emit_and_report


def _report(event: str, message: Any) -> None:
    try:
        progress = meant(event, message)
        if progress is None:
            return
        run = of_current_run()
        if run is not None and not run.reports_itself:  # nor is what `user_notice` publishes, which follows a report
            run.meter.report(progress.done, progress.total, progress.text, from_frappe=True)
    except JobTimeoutException:
        raise  # the job's own timeout, which RQ raises once
    except Exception:
        logs.logger().error("A job's own progress was not understood.", exc_info=True)


def meant(event: str, message: Any) -> Progress | None:
    """The progress that an event is about; None: it is about something else."""
    if not isinstance(message, dict):
        return None
    if event == "task_update":
        return _percent(message.get("progress"), message.get("stage"))
    if event == "progress" or event.endswith("_progress"):
        text = message.get("description") or message.get("title")
        pair = message.get("progress")
        if isinstance(pair, (list, tuple)) and len(pair) == 2:
            return _counted(pair[0], pair[1], text)
        if "percent" in message:
            return _percent(message["percent"], text)
        return _counted(message.get("current"), message.get("total"), text)
    return None


def _percent(percent: Any, text: Any) -> Progress | None:
    return _counted(percent, 100, text)


def _counted(done: Any, total: Any, text: Any) -> Progress | None:
    if not all(isinstance(value, (int, float)) for value in (done, total)):
        return None
    return Progress(float(done), float(total), frappe.utils.strip_html(str(text or "")))
