"""Searches all jobs, in slices: the first hits come at once, Redis is not blocked, and the caller may stop at any time.

Almost no payload is decoded: a quick test of its bytes excludes most that cannot match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from time import monotonic

from ..errors import BadRequest
from ..look.reader import JobReader
from ..messages import _
from ..models.bench import Bench
from ..models.jobs import Job
from ..redis import keys
from ..redis.link import Redis, pipelined, script
from ..rq import limits as rq_limits
from ..rq import payload
from ..scope import Scope
from . import ended_pages, limits, segments
from .query import Query, visible
from .segments import Segment


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one slice; `scanned` of `of` ids have been searched. `cursor` None: the search has ended."""

    jobs: tuple[Job, ...]
    scanned: int
    of: int
    cursor: str | None
    #: What has ended is not looked through in the order of its ends: it is too much to be sorted, or of several states.
    by_expiry: bool = False


def slice_of(redis: Redis, reader: JobReader, bench: Bench, query: Query, scope: Scope, cursor: str | None) -> Found:
    """The next slice: ends after `limits.SEARCH_SLICE_S`, after `limits.SEARCH_SLICE_HITS` hits, or at the end.

    The first one also ends with the first hits. What ended last comes first, where that can be told.
    """
    row = segments.of(bench, query)
    row = ended_pages.in_order(redis, row) if query.status else row
    start = _position(cursor)
    length = sum(segment.length for segment in row)
    hits: list[Job] = []
    scanned = start
    for found in walk(redis, reader, row, query, scope, start, limits.SEARCH_SLICE_S):
        hits += [job for job in found.jobs if visible(job, query, scope)]
        scanned = found.scanned
        # The reader waits for the first ones.
        if len(hits) >= limits.SEARCH_SLICE_HITS or (hits and not cursor):
            break
    cursor = None if scanned >= length else str(scanned)
    return Found(tuple(hits), min(scanned, length), length, cursor, ended_pages.by_expiry(row))


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    if not cursor.isdigit() or len(cursor) > 15:
        raise BadRequest(_("That is no cursor of a search."))
    return int(cursor)


def walk(
    redis: Redis,
    reader: JobReader,
    row: Sequence[Segment],
    query: Query,
    scope: Scope,
    start: int,
    seconds: float,
) -> Iterator[Found]:
    """Candidates, chunk by chunk, for `seconds` or until the end of the row. The caller has to check `visible`."""
    length = sum(segment.length for segment in row)
    deadline = monotonic() + seconds
    while start < length:
        parts = segments.window(row, start, limits.SEARCH_CHUNK)
        start += sum(count for _segment, _start, count in parts)
        ids = [job_id for job_id in _ids(redis, parts) if scope.may_own(job_id)]
        ids = _possible(redis, ids, query) if query.by_payload else ids
        yield Found(tuple(reader.read(ids)), start, length, None)
        if monotonic() > deadline:
            return


def _ids(redis: Redis, parts: Sequence[tuple[Segment, int, int]]) -> list[str]:
    return [job_id for _segment, job_id, _score in segments.read(redis, parts)]


def _possible(redis: Redis, ids: Sequence[str], query: Query) -> list[str]:
    """Ids whose payload may match. A payload too large to fetch may always."""
    if not ids:
        return []
    names = [keys.job(job_id) for job_id in ids]
    pipeline = pipelined(redis)
    for start in range(0, len(names), limits.SEARCH_READ):
        chunk = names[start : start + limits.SEARCH_READ]
        pipeline.eval(script("read_payloads"), len(chunk), *chunk, rq_limits.PAYLOAD_BYTES)
    answers = pipeline.execute()
    return [
        job_id
        for job_id, data in zip(ids, chain.from_iterable(answers), strict=True)
        if data is not None and (data == b"" or query.may_match_bytes(payload.inflate(data)[0], job_id))
    ]
