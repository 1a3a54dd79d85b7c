"""Turns what Redis holds about a job into a `Job`: bytes in, values out, whatever the bytes are."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import dropwhile
from math import isfinite
from typing import Any

from ..messages import _
from ..models.jobs import Call, Failure, Job
from . import callbacks, limits, loadable
from .call import unreadable

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
    "retries_left",
    "retry_intervals",
    "repeats_left",
    "repeat_intervals",
    "allow_dependency_failures",
    "failure_ttl",
    "result_ttl",
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
        return parsed.astimezone(timezone.utc) if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        return None


def from_score(score: float | None) -> datetime | None:
    """A registry's score as a moment; infinite ones (never expires) are None."""
    if score is None or score in (float("inf"), float("-inf")):
        return None
    try:
        return datetime.fromtimestamp(score, timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None


def number(value: Any) -> float | None:
    """A finite number or None: JSON knows no other."""
    try:
        found = float(value) if value not in (None, b"", "") else None
    except (TypeError, ValueError):
        return None
    return found if found is not None and isfinite(found) else None


def id_list(value: Any) -> tuple[str, ...]:
    """`dependency_ids`: a JSON list."""
    try:
        ids = json.loads(value) if value else []
    except (ValueError, RecursionError):
        return ()
    return tuple(str(item) for item in ids) if isinstance(ids, list) else ()


def seconds_list(value: Any) -> tuple[float, ...]:
    """`retry_intervals`, `repeat_intervals`: a JSON list of seconds."""
    return tuple(found for item in id_list(value) if (found := number(item)) is not None)


def whole(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None else None


def failure(exc_string: Any, size: int = 0) -> Failure | None:
    """From a result's `exc_string`: base64 of zlib of the traceback, or the beginning of it when it is `size` long."""
    beginning = (exc_string or b"")[: len(exc_string or b"") // 4 * 4] if size else exc_string
    try:
        packed = base64.b64decode(beginning or b"")
    except (binascii.Error, ValueError):
        return None
    cut = size > len(exc_string or b"")
    return _traceback(packed, size * 3 // 4 if cut else 0) if packed else None


def old_failure(exc_info: Any) -> Failure | None:
    """From a record's `exc_info` (older versions): zlib, or plain text."""
    return _traceback(exc_info) if exc_info else None


def _traceback(packed: bytes, size: int = 0) -> Failure:
    """`size`: in Redis, where `packed` is the beginning only."""
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(packed, limits.INFLATED_BYTES)
        whole = stream.eof and not size
    except zlib.error:
        plain, whole = packed, not size
    found = parse_traceback(plain.decode("utf-8", "replace"))
    if whole:
        return found
    text = _("This error is too large to show: RQ keeps {kept:,.0f} KB of it, packed; here are its first {shown:,} KB.")
    return replace(found, cut=text.format(kept=(size or len(packed)) / 1024, shown=len(plain) // 1024))


def parse_traceback(traceback: str) -> Failure:
    """Type and message are in the first line at the margin after the frames: `module.Type: message`.

    Of chained exceptions the last counts; of a group its own line. A message may hold anything, also a traceback.
    When the last one is a database that was locked while the one before was handled (Frappe writes an Error Log then),
    or an on_failure callback that failed too, the one before counts: it is why the job failed.
    """
    callback, own = callbacks.failed(traceback), callbacks.before_on_failure(traceback)
    if callback is not None:
        return replace(_last_error(own or traceback), traceback=traceback, callback=callback)
    found = _last_error(traceback)
    first, during, _rest = traceback.rpartition(_DURING)
    if during and _LOCKED.search(f"{found.type}: {found.message}"):
        return replace(_last_error(first.rstrip()), traceback=traceback)
    return found


def _last_error(traceback: str) -> Failure:
    starts = list(_START.finditer(traceback))
    chained = [start for start in starts if traceback[: start.start()].rstrip().endswith(_CHAINED)]
    if not starts:
        # RQ's own sentences, such as "Work-horse terminated unexpectedly; …".
        sentence = traceback.strip().partition("\n")[0]
        return Failure(type=_own_words(sentence), message=sentence, traceback=traceback)
    lines = [line.removeprefix("  | ") for line in traceback[(chained[-1:] or starts)[0].end() :].split("\n")]
    below = list(dropwhile(lambda line: not line or line.startswith("  "), lines))
    kind, _colon, message = (below[0] if below else "").partition(":")
    if not _TYPE.fullmatch(kind):
        return Failure(type="Failed", message=(below or [""])[0], traceback=traceback)
    message = message.strip() or next((line.strip() for line in below[1:] if line.strip()), "")
    return Failure(type=kind.rpartition(".")[2][: limits.TEXT_CHARS], message=message, traceback=traceback)


_START = re.compile(r"^(?:  \+ Exception Group )?Traceback \(most recent call last\):$", re.MULTILINE)
_TYPE = re.compile(r"[\w.<>]+")
_DURING = "During handling of the above exception, another exception occurred:"
_CHAINED = ("The above exception was the direct cause of the following exception:", _DURING)
#: SQLite, MariaDB (1205, 1213, 1020) and PostgreSQL, and Frappe's names for it.
_LOCKED = re.compile(
    r"database (?:table )?is locked|Lock wait timeout|^Query(?:Timeout|Deadlock)Error|[Dd]eadlock (?:found|detected)"
)


def _own_words(sentence: str) -> str:
    for clue, name in (
        ("Work-horse", TERMINATED),
        ("AbandonedJobError", ABANDONED),
        ("stopped", "Stopped"),
        ("intermediate queue", STUCK),
    ):
        if clue in sentence:
            return name
    return "Failed"


def job(job_id: str, values: Sequence[Any] | None, call: Call | None = None) -> Job:
    """A job from one answer of `lua/read_jobs.lua`; None values make a `vanished` one."""
    if values is None:
        return Job(job_id, "", "vanished", call or unreadable(job_id, _("its record is gone")))
    record = dict(zip(FIELDS, values, strict=False))
    status, started_at = text(record["status"]) or "unknown", moment(record["started_at"])
    result = Outcome.read(values[len(FIELDS) + 2 : len(FIELDS) + 5])
    size = int(values[len(FIELDS) + 9] or 0) if len(values) > len(FIELDS) + 9 else 0
    ended_badly = status in ("failed", "stopped")
    own = result.of_run(started_at)
    reported = (failure(result.error, size), old_failure(record["exc_info"])) if ended_badly else ()
    # The newest result may be an earlier run's: RQ 1's maintenance writes to the record only.
    error = next(filter(None, reported if own else reversed(reported)), None)
    return Job(
        id=job_id,
        queue=text(record["origin"]) or "",
        status=status,
        call=call or unreadable(job_id, _("it was not read")),
        created_at=moment(record["created_at"]),
        enqueued_at=moment(record["enqueued_at"]),
        started_at=started_at,
        ended_at=_ended(moment(record["ended_at"]), started_at, result.at if own and ended_badly else None),
        heartbeat_at=moment(record["last_heartbeat"]),
        timeout_s=number(record["timeout"]),
        attempt=int(number(record["number_of_retries"]) or 0) + 1,
        worker=text(record["worker_name"]),
        error=error,
        dependencies=id_list(record["dependency_ids"]),
        payload_bytes=int(values[len(FIELDS)]),
        retries_left=whole(record["retries_left"]),
        retry_intervals=seconds_list(record["retry_intervals"]),
        repeats_left=whole(record["repeats_left"]),
        repeat_intervals=seconds_list(record["repeat_intervals"]),
        allows_failures=bool(number(record["allow_dependency_failures"])),
        failure_ttl_s=number(record["failure_ttl"]),
        result_ttl_s=number(record["result_ttl"]),
        unloadable=loadable.problem(record),
    )


def _ended(recorded: datetime | None, started_at: datetime | None, result_at: datetime | None) -> datetime | None:
    """When the run ended: as its record says, if that is not an earlier run's moment; else when its result came.

    RQ's maintenance, which calls a run abandoned, writes no `ended_at`; that of RQ 1 no result either: see `endings`.
    """
    if started_at is None:
        return result_at or recorded  # it never began: what the record has is of another run
    return recorded if recorded is not None and recorded >= started_at else result_at


@dataclass(frozen=True, slots=True)
class Outcome:
    """The newest entry of a job's results. Its moment is of the server's clock."""

    at: datetime | None
    error: Any = None

    @classmethod
    def read(cls, values: Sequence[Any]) -> Outcome:
        entry, _kind, error = values
        milliseconds = number((text(entry) or "").partition("-")[0])
        return cls(from_score(milliseconds / 1000) if milliseconds is not None else None, error)

    def of_run(self, started_at: datetime | None) -> bool:
        """Whether it may be of the run that began then: clocks of hosts differ a little."""
        return self.at is not None and (started_at is None or self.at >= started_at - _CLOCKS)


_CLOCKS = timedelta(seconds=1)

#: As `records.parse_traceback` names RQ's own sentences.
ABANDONED, STUCK, TERMINATED = "AbandonedJobError", "StuckInIntermediateQueue", "WorkHorseTerminated"
KILLS = frozenset({TERMINATED, ABANDONED, STUCK})
