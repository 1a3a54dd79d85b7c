"""OpenTelemetry traces of jobs, where they are switched on: `"job_console_traces": 1` in the site's or the bench's
configuration. Where they are not, this costs one look into the configuration, and OpenTelemetry is not imported.

What is in a span is in `engine.traces`, and in docs/traces.md.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

import frappe
from rq import Queue
from rq.job import Job
from rq.timeouts import JobTimeoutException

from job_console.bridge import logs
from job_console.bridge.connection import queue_prefix
from job_console.engine.models.jobs import Call
from job_console.engine.rq.enqueueing import Make
from job_console.engine.traces import carried

from . import current_run

SWITCH = "job_console_traces"


def spans() -> Any:
    """The module of `engine.traces`; None: they are off, or cannot be imported."""
    return library() if frappe.utils.cint(frappe.conf.get(SWITCH)) else None


def service() -> str:
    """What the bench is called where `OTEL_SERVICE_NAME` does not say."""
    return queue_prefix().removesuffix(":")


@cache
def library() -> Any:
    try:
        return import_module("job_console.engine.traces.spans")
    except ImportError as error:
        logs.logger().error("%s is on, and OpenTelemetry cannot be imported: %s", SWITCH, error)
        return None


def preload() -> None:
    """In a worker, before it forks: each job would import OpenTelemetry anew. Only what the bench's own configuration
    says is known there.
    """
    with suppress(Exception):
        if frappe.utils.cint(frappe.get_file_json("common_site_config.json").get(SWITCH)):
            library()
            import_module("job_console.engine.traces.sdk").preload()


def tracing(make: Make, call: Callable[[], Call]) -> Make:
    """RQ's way to make a job, with a span around it, whose headers the job carries. A failure in here keeps no job from
    being made.
    """

    def made(queue: Queue, arguments: Mapping[str, Any]) -> Job:
        try:
            around = library().making(call(), queue.name, service())
            span, headers = around.__enter__()
            said = {**arguments, "meta": carried.noted(arguments.get("meta"), carried.MADE, headers)}
        except JobTimeoutException:
            raise
        except Exception:
            logs.logger().error("A job is made without its span.", exc_info=True)
            return make(queue, arguments)
        try:
            job = make(queue, said)
        except BaseException as error:
            around.__exit__(type(error), error, error.__traceback__)
            raise
        library().made(span, job.id)
        around.__exit__(None, None, None)
        return job

    return made


def event(name: str, **said: Any) -> None:
    """Of the job that runs here, in its span; nothing where it has none."""
    run = current_run.latest()
    if run is not None and run.span is not None:
        run.span.event(name, **said)
