"""Job Console's own log, `logs/job_console.log`: what is written inside a job says in which, and in which trace where
traces are on. Both are also in the record's `job_id` and `trace_id`, for handlers that write JSON.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import frappe
from rq import get_current_job

if TYPE_CHECKING:
    _Adapter = logging.LoggerAdapter[logging.Logger]
else:
    _Adapter = logging.LoggerAdapter

_SPANS = "job_console.engine.traces.spans"


def logger() -> _InJob:
    return _InJob(frappe.logger("job_console"), {})


class _InJob(_Adapter):
    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        job = get_current_job()
        if job is None:
            return msg, kwargs
        spans = sys.modules.get(_SPANS)
        trace = spans.present_trace_id() if spans is not None else ""
        said = {"job_id": job.id, "trace_id": trace or None}
        where = f"job {job.id}, trace {trace}" if trace else f"job {job.id}"
        # The message is a format: an id that holds its mark would break it.
        prefix = f"[{where.replace('%', '')}]"
        return f"{prefix} {msg}", {**kwargs, "extra": {**(kwargs.get("extra") or {}), **said}}
