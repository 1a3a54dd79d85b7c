"""Whether RQ can load a record. Which fields it reads, and how, is the same in all versions from 1.15 to 2.7.

A payload or a `meta` that cannot be read RQ tolerates. A date that it did not write itself, a number that is none
(`job.result_ttl = 600.0`), or a list that is no JSON it does not: whoever takes such a job from its queue ends
with an exception, before the job is its own; and the next worker too, when somebody puts the job back.

RQ 2 cannot load a status that it does not know, either: another client's, or one that a newer RQ writes. Which those
are is asked of the RQ that we run with, which in a bench is that of its workers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..messages import Message, _
from . import payload

_DATES = ("created_at", "enqueued_at", "started_at", "ended_at", "last_heartbeat")
_NUMBERS = (
    "result_ttl",
    "failure_ttl",
    "retries_left",
    "number_of_retries",
    "repeats_left",
    "allow_dependency_failures",
)
_LISTS = ("dependency_ids", "retry_intervals", "repeat_intervals")
_DATE = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_NUMBER = re.compile(rb"\s*[-+]?\d+\s*")
_TIMEOUT = re.compile(rb"\s*[-+]?\d+\s*[dhmsDHMS]?")
#: Those that all versions know.
_STATUSES = {b"queued", b"finished", b"failed", b"started", b"deferred", b"scheduled", b"stopped", b"canceled"}
#: RQ 1 takes any.
_STRICT = 2
_SHOWN = 40


def problem(record: Mapping[str, Any]) -> Message | None:
    """`its result_ttl is '600.0'`; None: it loads. `record`: fields as Redis has them, a missing one as None."""
    for name in _DATES:
        if record[name] and not _DATE.fullmatch(record[name]):
            return _named(name, record[name])
    for name in _NUMBERS:
        if record[name] and not _NUMBER.fullmatch(record[name]):
            return _named(name, record[name])
    if record["timeout"] and not _TIMEOUT.fullmatch(record["timeout"]):
        return _named("timeout", record["timeout"])
    for name in _LISTS:
        if record[name] and not _is_json(record[name]):
            return _named(name, record[name])
    if record["status"] and record["status"] not in _STATUSES and _is_refused(record["status"]):
        return _named("status", record["status"])
    return None


def _is_refused(status: bytes) -> bool:
    from rq.job import JobStatus
    from rq.version import VERSION  # all of rq: who meets usual records need not wait for it

    known = {each.value.encode() for each in JobStatus}
    return int(VERSION.partition(".")[0]) >= _STRICT and status not in known


def _is_json(value: bytes) -> bool:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def _named(field: str, value: bytes) -> Message:
    shown = payload.clean(value.decode("utf-8", "replace"), _SHOWN)
    return _("its {field} is {value!r}").format(field=field, value=shown)
