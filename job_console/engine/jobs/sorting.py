"""Pages in an order that Redis does not keep: everything that is asked for is read, as long as that is bounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import BadRequest
from ..look import limits as look_limits
from ..look.reader import JobReader
from ..messages import _
from ..models.jobs import Job
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.call import marks_of, site_of_id
from ..rq.records import moment, text
from ..scope import Scope
from . import limits, segments
from .query import Query, visible
from .segments import Segment

#: One member of a segment: (segment, job id, score).
Entry = tuple[Segment, str, float | None]
#: What a record's fields say of the order; None stands last.
_OfRecord = Callable[[Sequence[Any], datetime], Any]

_FIELDS = ("enqueued_at", "created_at", "started_at", "ended_at", "worker_name")


def _took(row: Sequence[Any], at: datetime) -> float | None:
    started, ended = moment(row[2]), moment(row[3])
    if started is None:
        return None
    return ((ended if ended and ended >= started else at) - started).total_seconds()


#: By what few fields of the records say: cheap.
BY_RECORD: dict[str, _OfRecord] = {
    "enqueued": lambda row, at: moment(row[0]) or moment(row[1]),
    "started": lambda row, at: moment(row[2]),
    "ended": lambda row, at: moment(row[3]),
    "took": _took,
    "worker": lambda row, at: text(row[4]),
}
#: By what the payloads say, or the newest result: each job must be read.
BY_JOB: dict[str, Callable[[Job], Any]] = {
    "method": lambda job: job.call.label.lower(),
    "user": lambda job: (job.call.user or "").lower() or None,
    "site": lambda job: job.site,
    "error": lambda job: job.error.type if job.error else None,
}
SORTS = (*BY_RECORD, *BY_JOB)


@dataclass(frozen=True, slots=True)
class Order:
    """`-ended`: by the end, the last first."""

    by: str
    descending: bool

    @classmethod
    def read(cls, words: str) -> Order:
        order = cls(words.removeprefix("-"), words.startswith("-"))
        if order.by not in SORTS:
            text = _("Jobs are sorted by {sorts}, with - before it the other way; not by {words!r}.")
            raise BadRequest(text.format(sorts=", ".join(SORTS), words=words))
        return order


def too_many(order: Order, row: Sequence[Segment], query: Query, ids_tell: bool = True) -> str | None:
    """Why these are not sorted; None when they are few enough."""
    cheap = order.by in BY_RECORD and not query.filters and ids_tell
    most, length = limits.SORTED_ROWS if cheap else limits.SORTED_BY_NAME, sum(segment.length for segment in row)
    if length <= most:
        return None
    return _(
        "These {length:,} jobs are not sorted: by this, up to {most:,} are read on the spot. Choose a lane or a state."
    ).format(length=length, most=most)


def ids_tell_sites(entries: Sequence[Entry], scope: Scope) -> bool:
    """Whether the ids alone say which are this viewer's."""
    return scope.site is None or all(site_of_id(job_id) is not None for _segment, job_id, _score in entries)


def entries_of(redis: Redis, row: Sequence[Segment], scope: Scope) -> list[Entry]:
    """All members of a row that may be this viewer's. One round trip."""
    parts = [
        (segment, first, min(segment.length - first, look_limits.LIST_CHUNK))
        for segment in row
        for first in range(0, segment.length, look_limits.LIST_CHUNK)
    ]
    return [entry for entry in segments.read(redis, parts) if scope.may_own(entry[1])]


def by_record(redis: Redis, entries: Sequence[Entry], order: Order, at: datetime, scope: Scope) -> list[Entry]:
    own = marks_of(scope.site) if scope.site is not None else ("",)
    entries = [entry for entry in entries if entry[1].startswith(own)]
    pipeline = pipelined(redis)
    for _segment, job_id, _score in entries:
        pipeline.hmget(keys.job(job_id), _FIELDS)
    answers = pipeline.execute(raise_on_error=False)
    found = [
        (None if isinstance(answer, Exception) else BY_RECORD[order.by](answer, at), entry)
        for answer, entry in zip(answers, entries, strict=True)
    ]
    return _ordered(found, order)


def by_job(reader: JobReader, entries: Sequence[Entry], order: Order, query: Query, scope: Scope) -> list[Entry]:
    """Only those that match, too."""
    jobs = reader.read([job_id for _segment, job_id, _score in entries])
    key = BY_JOB.get(order.by) or (lambda job: _of_job(job, order, query.at))
    found = [(key(job), entry) for job, entry in zip(jobs, entries, strict=True) if visible(job, query, scope)]
    return _ordered(found, order)


def _of_job(job: Job, order: Order, at: datetime) -> Any:
    known = {
        "enqueued": job.enqueued_at or job.created_at,
        "started": job.started_at,
        "ended": job.ended_at,
        "took": job.elapsed_s(at),
        "worker": job.worker,
    }
    return known[order.by]


def _ordered(found: Sequence[tuple[Any, Entry]], order: Order) -> list[Entry]:
    """What has no value stands last, either way; equals stay as they were."""
    with_value = sorted(
        (each for each in found if each[0] is not None), key=lambda each: each[0], reverse=order.descending
    )
    return [entry for _value, entry in with_value] + [entry for value, entry in found if value is None]
