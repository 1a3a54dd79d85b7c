"""When a waiting job should start: what runs now and what stands before it, played through on the lane's workers."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from ...models.bench import Bench, Lane, Usual
from ...models.jobs import Job
from .case import Case
from .crew import Hand, preferred


@dataclass(frozen=True, slots=True)
class Span:
    """How long something takes. `at_most`: its history is not known, its timeout is."""

    seconds: float
    at_most: bool = False


def expected_start(case: Case, crew: Sequence[Hand], position: int) -> Span | None:
    """None: it cannot be known. `position` 1 is next."""
    if case.lane is None:
        return None
    ahead = _ahead(case, case.lane, position - 1)
    known = [free for hand in crew if not hand.silent and (free := _free(case, hand)) is not None]
    if ahead is None or not known:
        return None
    times = [free.seconds for free in known]
    heapq.heapify(times)
    for span in ahead:
        heapq.heapreplace(times, times[0] + span.seconds)
    guessed = any(span.at_most for span in (*ahead, *known))
    return Span(times[0], at_most=guessed)


def drain_s(bench: Bench, lane: Lane) -> float | None:
    """Seconds until all that waits in a lane is done, by the history of jobs like those at its head; None: unknown."""
    share = _share(bench, lane) if bench.serving(lane.name) and not bench.suspended else None
    return share.seconds if share and not share.at_most else None


def _ahead(case: Case, lane: Lane, count: int) -> list[Span] | None:
    """The jobs before this one; those beyond the rows that a look reads are taken to be like those."""
    if count == 0:
        return []
    rows = [span_of(case.bench, job) for job in lane.head if job.id != case.job.id][:count]
    rest = count - len(rows)
    usual = typical(case.bench, lane)
    spans = [span or usual for span in rows] + [usual] * rest
    return None if None in spans else [span for span in spans if span]


def typical(bench: Bench, lane: Lane) -> Span | None:
    """How long a job of this lane takes: what history says of those at its head, else of those that run, else their
    longest timeout."""
    found = [[span for span in (span_of(bench, job) for job in jobs) if span] for jobs in (lane.head, lane.running)]
    for spans in found:
        known = [span.seconds for span in spans if not span.at_most]
        if known:
            return Span(sum(known) / len(known))
    return max(found[0] or found[1], key=lambda span: span.seconds, default=None)


def span_of(bench: Bench, job: Job) -> Span | None:
    usual = bench.usual.get(job.call.method)
    if usual and usual.median_s is not None:
        return Span(usual.median_s)
    return Span(job.timeout_s, at_most=True) if job.timeout_s and job.timeout_s > 0 else None


def _free(case: Case, hand: Hand) -> Span | None:
    """When this worker is free for this lane."""
    now = remaining(case, hand.job) if hand.busy else Span(0.0)
    first = [_share(case.bench, lane) for lane in preferred(case.bench, hand.worker, case.job.queue)]
    spans = [now, *first]
    if None in spans:
        return None
    known = [span for span in spans if span]
    return Span(sum(span.seconds for span in known), any(span.at_most for span in known))


def _share(bench: Bench, lane: Lane) -> Span | None:
    """One worker's part of the work that waits in this lane."""
    if not lane.counts.queued:
        return Span(0.0)
    each = typical(bench, lane)
    serving = bench.serving(lane.name)
    return Span(each.seconds * lane.counts.queued / max(len(serving), 1), each.at_most) if each else None


def remaining(case: Case, job: Job | None) -> Span | None:
    """How long a running job will go on: to its median, else to its 99th percentile, else to its timeout."""
    ran = job.elapsed_s(case.now) if job else None
    if job is None or ran is None:
        return None
    usual = case.bench.usual.get(job.call.method) or Usual(0, None, None, None)
    for mark in (usual.median_s, usual.p99_s):
        if mark is not None and ran < mark:
            return Span(mark - ran)
    if job.timeout_s and job.timeout_s > 0:
        return Span(max(job.timeout_s - ran, 0.0), at_most=True)
    return None
