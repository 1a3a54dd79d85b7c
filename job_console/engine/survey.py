"""Finds records that stand nowhere: ghosts.

Only the records themselves know of a ghost, so finding one means reading records. The survey does that in slices: each
`step` takes one SCAN page, keeps those that say `queued` or `started`, and asks the lists and registries that would
have to know them. It remembers its place, so a bench of any size is gone through in time, and what it found is
asked again at every step until it is no longer true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from . import keys, limits
from .link import Redis, pipelined
from .models import Bench, Ghost, Lane
from .reader import JobReader
from .records import text


@dataclass(frozen=True, slots=True)
class _Suspect:
    job_id: str
    status: str
    queue: str


class Survey:
    """One per process. Not thread-safe: `watch.Watch` calls it under its lock."""

    def __init__(self, redis: Redis, reader: JobReader) -> None:
        self.redis = redis
        self.reader = reader
        self._cursor = 0
        self._suspects: dict[str, _Suspect] = {}

    def step(self, bench: Bench, seconds: float = limits.SURVEY_SECONDS) -> tuple[Ghost, ...]:
        """Go on for about `seconds`, at most once around; the ghosts known now."""
        self._check(list(self._suspects.values()), bench)
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            self._check(self._next_page(bench), bench)
            if self._cursor == 0:
                break
        found = self.reader.read(list(self._suspects))
        return tuple(Ghost(job, self._suspects[job.id].status) for job in found if job.status in ("queued", "started"))

    def _next_page(self, bench: Bench) -> list[_Suspect]:
        answer: Any = self.redis.scan(self._cursor, match=keys.JOB_PREFIX + "*", count=limits.SURVEY_COUNT)
        self._cursor, found = answer
        names = [text(name) or "" for name in found]
        ids = [name[len(keys.JOB_PREFIX) :] for name in names if not name.endswith((":dependents", ":dependencies"))]
        return self._claims(ids, bench)

    def _claims(self, ids: Sequence[str], bench: Bench) -> list[_Suspect]:
        """Those that say they wait or run. Skips the deep part of deep lanes: see `_may_be_ghost`."""
        pipeline = pipelined(self.redis)
        for job_id in ids:
            pipeline.hmget(keys.job(job_id), "status", "origin", "enqueued_at")
        claims = []
        for job_id, (status, queue, enqueued_at) in zip(ids, pipeline.execute(raise_on_error=False), strict=True):
            claim = _Suspect(job_id, text(status) or "", text(queue) or "")
            lane = bench.lane(claim.queue)
            if lane is None or claim.status not in ("queued", "started"):
                continue
            if claim.status == "started" or _may_be_ghost(text(enqueued_at) or "", lane):
                claims.append(claim)
        return claims

    def _check(self, claims: Sequence[_Suspect], bench: Bench) -> None:
        """Keep the claims that nothing confirms, drop those that something does."""
        for claim in claims:
            self._suspects.pop(claim.job_id, None)
        room = limits.SUSPECTS - len(self._suspects)
        for claim in self._unknown_to_redis(claims, bench)[: max(room, 0)]:
            self._suspects[claim.job_id] = claim

    def _unknown_to_redis(self, claims: Sequence[_Suspect], bench: Bench) -> list[_Suspect]:
        held = {worker.job_id for worker in bench.workers if worker.job_id}
        held |= {job.id for lane in bench.lanes for job in lane.intermediate}
        claims = [claim for claim in claims if claim.job_id not in held]
        pipeline = pipelined(self.redis)
        for claim in claims:
            pipeline.hget(keys.job(claim.job_id), "status")
            pipeline.zscore(keys.registry("started", claim.queue), claim.job_id)
            pipeline.zcard(keys.executions(claim.job_id))
        answers = pipeline.execute()
        unsure = []
        for number, claim in enumerate(claims):
            status, running, executions = answers[3 * number : 3 * number + 3]
            if text(status) == claim.status and running is None and not executions:
                unsure.append(claim)
        waiting = self._waiting([claim for claim in unsure if claim.status == "queued"], bench)
        return [claim for claim in unsure if claim.job_id not in waiting]

    def _waiting(self, claims: Iterable[_Suspect], bench: Bench) -> set[str]:
        """Which of these stand in their queue after all."""
        by_queue: dict[str, list[str]] = {}
        for claim in claims:
            by_queue.setdefault(claim.queue, []).append(claim.job_id)
        found: set[str] = set()
        for queue, ids in by_queue.items():
            lane = bench.lane(queue)
            deep = lane is not None and lane.counts.queued > limits.LPOS_DEPTH
            found |= self._read_list(queue, set(ids)) if deep else self._ask_list(queue, ids)
        return found

    def _ask_list(self, queue: str, ids: Sequence[str]) -> set[str]:
        pipeline = pipelined(self.redis)
        for job_id in ids:
            pipeline.lpos(keys.queue(queue), job_id)
        return {job_id for job_id, place in zip(ids, pipeline.execute(), strict=True) if place is not None}

    def _read_list(self, queue: str, ids: set[str]) -> set[str]:
        """Walks a deep list from its tail: workers take from the head, so nothing slips past between two chunks."""
        found: set[str] = set()
        end = -1
        while ids - found:
            chunk: Any = self.redis.lrange(keys.queue(queue), end - limits.LIST_CHUNK + 1, end)
            if not chunk:
                break
            found |= ids.intersection(text(member) or "" for member in chunk)
            end -= limits.LIST_CHUNK
        return found


def _may_be_ghost(enqueued_at: str, lane: Lane) -> bool:
    """Shallow lanes are asked about every record. In a deep one a worker takes from the head, so what it dropped was
    enqueued before the present head; ISO times of one writer compare as text, here to the second."""
    if lane.counts.queued <= limits.LPOS_DEPTH or lane.oldest_enqueued_at is None or not enqueued_at:
        return True
    return enqueued_at[:19] <= lane.oldest_enqueued_at.isoformat()[:19]
