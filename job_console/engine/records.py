"""Turns what Redis holds about a job into a `Job`: bytes in, values out, whatever the bytes are."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from . import limits
from .call import unreadable
from .models import Call, Failure, Job

#: Fields of `rq:job:ID` that a row needs; `status` must stay first (lua/read_jobs.lua relies on it).
FIELDS = (
    "status",
    "origin",
    "created_at",
    "enqueued_at",
    "started_at",
    "ended_at",
    "last_heartbeat",
    "timeout",
    "worker_name",
    "dependency_ids",
    "number_of_retries",
    "exc_info",
    "description",
)
DESCRIPTION = FIELDS.index("description")


def text(value: Any) -> str | None:
    """Redis bytes as text; odd bytes are shown, never fatal. Empty is None, as in RQ's records."""
    if not value:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def moment(value: Any) -> datetime | None:
    """RQ's ISO text (`2026-01-02T03:04:05.123456Z`, always UTC) or None."""
    plain = text(value)
    if plain is None:
        return None
    try:
        parsed = datetime.fromisoformat(plain.replace("Z", "+00:00"))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)


def from_score(score: float | None) -> datetime | None:
    """A registry's score as a moment; infinite ones (never expires) are None."""
    if score is None or score in (float("inf"), float("-inf")):
        return None
    try:
        return datetime.fromtimestamp(score, timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None


def number(value: Any) -> float | None:
    try:
        return float(value) if value not in (None, b"", "") else None
    except (TypeError, ValueError):
        return None


def id_list(value: Any) -> tuple[str, ...]:
    """`dependency_ids`: a JSON list."""
    try:
        ids = json.loads(value) if value else []
    except ValueError:
        return ()
    return tuple(str(item) for item in ids) if isinstance(ids, list) else ()


def failure(exc_string: Any) -> Failure | None:
    """From a result's `exc_string`: base64 of zlib of the traceback."""
    try:
        packed = base64.b64decode(exc_string or b"")
    except (binascii.Error, ValueError):
        return None
    return _traceback(packed) if packed else None


def old_failure(exc_info: Any) -> Failure | None:
    """From a record's `exc_info` (older versions): zlib, or plain text."""
    return _traceback(exc_info) if exc_info else None


def _traceback(packed: bytes) -> Failure:
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(packed, limits.INFLATED_BYTES)
    except zlib.error:
        plain = packed
    return parse_traceback(plain.decode("utf-8", "replace"))


def parse_traceback(traceback: str) -> Failure:
    """Type and message are in the last line that starts at the margin after the frames: `module.Type: message`.

    A message may span lines, so look for the first such line after the last indented frame.
    """
    lines = traceback.strip().splitlines()
    last_frame = max((i for i, line in enumerate(lines) if line.startswith("  ")), default=-1)
    head = next((line for line in lines[last_frame + 1 :] if line.strip()), lines[-1] if lines else "")
    kind, colon, message = head.partition(": ")
    if last_frame == -1 or not kind.replace(".", "").replace("_", "").isalnum():
        # Not a Python traceback: RQ's own sentences, such as "Work-horse terminated unexpectedly; …".
        return Failure(type=_own_words(head), message=head, traceback=traceback)
    return Failure(type=kind.rpartition(".")[2], message=message if colon else "", traceback=traceback)


def _own_words(sentence: str) -> str:
    for clue, name in (
        ("Work-horse", "WorkHorseTerminated"),
        ("AbandonedJobError", "AbandonedJobError"),
        ("stopped", "Stopped"),
        ("intermediate queue", "StuckInIntermediateQueue"),
    ):
        if clue in sentence:
            return name
    return "Failed"


def job(job_id: str, values: Sequence[Any] | None, call: Call | None = None) -> Job:
    """A job from one answer of `lua/read_jobs.lua`; None values make a `vanished` one."""
    if values is None:
        return Job(job_id, "", "vanished", call or unreadable(job_id, "its record is gone"))
    record = dict(zip(FIELDS, values, strict=False))
    result_error = values[len(FIELDS) + 4]
    status = text(record["status"]) or "unknown"
    error = (failure(result_error) or old_failure(record["exc_info"])) if status in ("failed", "stopped") else None
    return Job(
        id=job_id,
        queue=text(record["origin"]) or "",
        status=status,
        call=call or unreadable(job_id, "it was not read"),
        created_at=moment(record["created_at"]),
        enqueued_at=moment(record["enqueued_at"]),
        started_at=moment(record["started_at"]),
        ended_at=moment(record["ended_at"]),
        heartbeat_at=moment(record["last_heartbeat"]),
        timeout_s=number(record["timeout"]),
        attempt=int(number(record["number_of_retries"]) or 0) + 1,
        worker=text(record["worker_name"]),
        error=error,
        dependencies=id_list(record["dependency_ids"]),
        payload_bytes=int(values[len(FIELDS)]),
    )
