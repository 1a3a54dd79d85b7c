"""Pages of jobs: two round trips at any depth when nothing is filtered, and a bounded walk when something is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import limits, search, stretches
from .errors import BadRequest
from .link import Redis, pipelined
from .models import Bench, Job, Page
from .query import Query, visible
from .reader import JobReader
from .records import from_score
from .scope import Scope
from .stretches import Stretch


def page(redis: Redis, reader: JobReader, bench: Bench, query: Query, scope: Scope, number: int, size: int) -> Page:
    """One page; `number` counts from 1. `bench` gives the lanes and how long their lists are."""
    if number < 1 or not 1 <= size <= limits.PAGE_SIZE_MAX:
        raise BadRequest(f"Pages count from 1, and hold 1 to {limits.PAGE_SIZE_MAX} jobs.")
    row = stretches.of(bench, query)
    total = sum(stretch.length for stretch in row)
    if query.filters or scope.site is not None:
        return _filtered(redis, reader, row, query, scope, number, size)
    jobs = read_parts(redis, reader, stretches.window(row, (number - 1) * size, size))
    return Page(total, False, number, size, tuple(jobs))


def read_parts(redis: Redis, reader: JobReader, parts: Sequence[tuple[Stretch, int, int]]) -> list[Job]:
    """The jobs in these windows, each with what its place says of it (due time, lease)."""
    pipeline = pipelined(redis)
    for stretch, start, count in parts:
        stretch.ask(pipeline, start, count)
    answers = pipeline.execute()
    entries = [
        (stretch, job_id, score)
        for (stretch, _start, _count), answer in zip(parts, answers, strict=True)
        for job_id, score in stretch.entries(answer)
    ]
    jobs = reader.read([job_id for _stretch, job_id, _score in entries])
    return [_placed(job, stretch, score) for job, (stretch, _id, score) in zip(jobs, entries, strict=True)]


def _placed(job: Job, stretch: Stretch, score: float | None) -> Job:
    if job.status == "vanished":
        return replace(job, queue=stretch.queue)
    if stretch.status == "scheduled":
        return replace(job, due_at=from_score(score))
    return replace(job, lease_until=from_score(score)) if stretch.status == "started" else job


def _filtered(
    redis: Redis,
    reader: JobReader,
    row: Sequence[Stretch],
    query: Query,
    scope: Scope,
    number: int,
    size: int,
) -> Page:
    """Walks until the page is full, or for `limits.SEARCH_SLICE_S`; the total beyond is an estimate, and says so."""
    wanted = number * size
    hits: list[Job] = []
    scanned, length = 0, sum(stretch.length for stretch in row)
    for found in search.walk(redis, reader, row, query, scope, 0, limits.SEARCH_SLICE_S):
        hits += [job for job in found.jobs if visible(job, query, scope)]
        scanned = found.scanned
        if len(hits) > wanted and scanned < length:
            break
    total = len(hits) if scanned >= length or not scanned else max(len(hits), round(len(hits) * length / scanned))
    return Page(total, scanned < length, number, size, tuple(hits[wanted - size : wanted]))
