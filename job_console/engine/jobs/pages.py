"""Pages of jobs: two round trips at any depth when nothing is filtered, and a bounded walk when something is.

For a viewer who sees one site, the ids say which jobs are its own, and only those of the page are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..errors import BadRequest
from ..look import limits as look_limits
from ..look.reader import JobReader
from ..messages import _
from ..models.bench import Bench
from ..models.jobs import Job, Page
from ..redis.link import Redis
from ..retries import limits as retries_limits
from ..rq import endings
from ..rq.records import from_score
from ..scope import Scope
from . import ended_pages, jumping, limits, search, segments, site_pages, sorting
from .query import DEAD, Query, visible
from .segments import Segment
from .walked import Walked

#: One member of a segment: (segment, job id, score).
_Entry = tuple[Segment, str, float | None]


@dataclass(frozen=True, slots=True)
class Window:
    """Which page; numbers count from 1. `sort`: see `sorting.Order`. `at`: the page on which this time stands. `after`:
    see `Reached.cursor`.
    """

    number: int = 1
    size: int = 20
    sort: str | None = None
    at: datetime | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        if self.number < 1 or not 1 <= self.size <= look_limits.PAGE_SIZE_MAX:
            text = _("Pages count from 1, and hold 1 to {page_size_max} jobs.")
            raise BadRequest(text.format(page_size_max=look_limits.PAGE_SIZE_MAX))


def page(redis: Redis, reader: JobReader, bench: Bench, query: Query, scope: Scope, window: Window) -> Page:
    """One page. `bench` gives the lanes and how long their lists are."""
    row = segments.of(bench, query)
    why = None
    if window.sort:
        found = _sorted(redis, reader, row, query, scope, window)
        if isinstance(found, Page):
            return found
        why = found
    row = ended_pages.in_order(redis, row) if len({segment.status for segment in row}) == 1 else row
    number = window.number if window.at is None else _number_of(redis, row, query, scope, window)
    found = _page(redis, reader, row, query, scope, number, window)
    # Of each lane so many are remembered; there were more.
    forgotten = query.statuses == (DEAD,) and any(
        lane.counts.dead >= retries_limits.DEAD_ROWS for lane in query.lanes(bench.lanes)
    )
    approximate = found.approximate or forgotten
    return replace(found, by_expiry=ended_pages.by_expiry(row), approximate=approximate, unsorted=why)


def _sorted(
    redis: Redis, reader: JobReader, row: Sequence[Segment], query: Query, scope: Scope, window: Window
) -> Page | str:
    """The page, or why there is none in this order."""
    order = sorting.Order.read(window.sort or "")
    why = sorting.too_many(order, row, query)
    if why:
        return why
    entries = sorting.entries_of(redis, row, scope)
    if order.by in sorting.BY_RECORD and not query.filters and sorting.ids_tell_sites(entries, scope):
        entries = sorting.by_record(redis, entries, order, query.at, scope)
    elif len(entries) <= limits.SORTED_BY_NAME:
        entries = sorting.by_job(reader, entries, order, query, scope)
    else:
        return sorting.too_many(order, row, query, ids_tell=False) or ""
    first = (window.number - 1) * window.size
    jobs = _read(reader, entries[first : first + window.size])
    own = tuple(job for job in jobs if job.status == "vanished" or scope.owns(job))
    return Page(len(entries), False, window.number, window.size, own, sort=window.sort)


def _number_of(redis: Redis, row: Sequence[Segment], query: Query, scope: Scope, window: Window) -> int:
    """The page on which a time stands. Raises BadRequest where that cannot be told."""
    if query.filters:
        raise BadRequest(
            _("Only a list by lane and state stands in the order of time. Use age: or ended: in the query.")
        )
    assert window.at is not None  # noqa: S101  asked for by it
    place = jumping.place_of(redis, row, window.at)
    if scope.site is not None:  # its pages count its own jobs
        ahead = _entries(redis, segments.window(row, 0, place))
        place = sum(scope.may_own(job_id) for _segment, job_id, _score in ahead)
    return place // window.size + 1


def _page(
    redis: Redis, reader: JobReader, row: Sequence[Segment], query: Query, scope: Scope, number: int, window: Window
) -> Page:
    if query.filters:
        return _filtered(redis, reader, row, query, scope, number, window)
    if scope.site is not None:
        found = _of_site(redis, reader, row, scope, scope.site, number, window)
        return found or _filtered(redis, reader, row, query, scope, number, window)
    size = window.size
    jobs = read_parts(redis, reader, segments.window(row, (number - 1) * size, size))
    return Page(sum(segment.length for segment in row), False, number, size, tuple(jobs))


def read_parts(redis: Redis, reader: JobReader, parts: Sequence[tuple[Segment, int, int]]) -> list[Job]:
    """The jobs in these windows, each with what its registry's score says (due time, lease)."""
    return _read(reader, _entries(redis, parts))


def _entries(redis: Redis, parts: Sequence[tuple[Segment, int, int]]) -> list[_Entry]:
    pieces = [
        (segment, first, min(start + count - first, look_limits.LIST_CHUNK))
        for segment, start, count in parts
        for first in range(start, start + count, look_limits.LIST_CHUNK)
    ]
    return segments.read(redis, pieces)


def _read(reader: JobReader, entries: Sequence[_Entry]) -> list[Job]:
    jobs = reader.read([job_id for _segment, job_id, _score in entries])
    return [_placed(job, segment, score) for job, (segment, _id, score) in zip(jobs, entries, strict=True)]


def _placed(job: Job, segment: Segment, score: float | None) -> Job:
    if job.status == "vanished":
        return replace(job, queue=segment.queue)
    if segment.status == "scheduled":
        return replace(job, due_at=from_score(score))
    if segment.status == "started":
        return replace(job, lease_until=from_score(score))
    return endings.dated(job, score)


def _of_site(
    redis: Redis, reader: JobReader, row: Sequence[Segment], scope: Scope, site: str, number: int, window: Window
) -> Page | None:
    """A page of one site's jobs. None: the records must be read to know which those are."""
    found = site_pages.entries_of(redis, row, site, number, window.size, window.after)
    if found is None:
        return None
    entries, walked = found
    # The site in an id is a hint; that in the payload counts.
    jobs = tuple(job for job in _read(reader, entries) if job.status != "vanished" and scope.owns(job))
    return _as_far_as(walked, number, window.size, jobs)


def _filtered(
    redis: Redis,
    reader: JobReader,
    row: Sequence[Segment],
    query: Query,
    scope: Scope,
    number: int,
    window: Window,
) -> Page:
    """Walks until the page is full, or for `limits.SEARCH_SLICE_S`; the total beyond is an estimate, marked as one."""
    size, wanted = window.size, number * window.size
    walked = Walked.after(window.after, sum(segment.length for segment in row), wanted - size)
    first = walked.passed
    hits: list[Job] = []
    for found in search.walk(redis, reader, row, query, scope, walked.scanned, limits.SEARCH_SLICE_S):
        hits += [job for job in found.jobs if visible(job, query, scope)]
        walked.scanned, walked.passed = found.scanned, first + len(hits)
        if walked.passed > wanted and not walked.whole:
            break
    page = (walked.shown(number, size) - 1) * size - first
    return _as_far_as(walked, number, size, tuple(hits[max(page, 0) : max(page + size, 0)]))


def _as_far_as(walked: Walked, number: int, size: int, jobs: tuple[Job, ...]) -> Page:
    shown, reached = walked.shown(number, size), walked.reached(number, size)
    return Page(walked.total, not walked.whole, shown, size, jobs, reached=reached)
