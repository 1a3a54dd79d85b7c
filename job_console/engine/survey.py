"""Finds records that stand nowhere: ghosts.

Only the records themselves know of a ghost, so finding one means reading records. The survey does that in slices: each
`step` takes SCAN pages, keeps those that say `queued` or `started`, and asks the lists and registries that would have
to know them. It remembers its place, so a bench of any size is gone through in time, and what it found is asked again
at every step until it is no longer true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

from . import keys, limits
from .deep_lanes import DeepLanes, read_chunk
from .link import Redis, pipelined
from .models import Bench, Claim, Ghost, Lane
from .reader import JobReader
from .records import text


class Survey:
    """One per process. Not thread-safe: `watch.Watch` calls it under its lock."""

    def __init__(self, redis: Redis, reader: JobReader) -> None:
        self.redis = redis
        self.reader = reader
        self._cursor: int | None = None
        self._suspects: dict[str, Claim] = {}
        self._deep = DeepLanes[Claim](redis)

    @property
    def place(self) -> tuple[int, tuple[Claim, ...]]:
        """Where it goes on, and whom it suspects: what another one needs to go on from here."""
        return self._cursor or 0, tuple(self._suspects.values())

    def go_on(self, cursor: int, suspects: Iterable[Claim]) -> None:
        """From another one's place, unless it has one of its own. Its suspects are asked as our own are."""
        if self._cursor is None:
            self._cursor = cursor
        self._suspect(claim for claim in suspects if claim.job_id not in self._suspects)

    def step(self, bench: Bench, seconds: float = limits.SURVEY_SECONDS, from_start: bool = False) -> tuple[Ghost, ...]:
        """Go on for about `seconds`, at most once around; the ghosts known now."""
        deadline = monotonic() + seconds
        if from_start:
            self._cursor = 0
        self._ask_again(bench)
        around = False
        while True:  # at least once, however long the first question took
            if self._deep.busy:
                self._suspect(self._deep.step())
            if not around:
                self._take_up(self._next_page(bench), bench)
                around = self._cursor == 0
            if monotonic() >= deadline or (around and not self._deep.busy):
                break
        found = self.reader.read(list(self._suspects))
        return tuple(Ghost(job, self._suspects[job.id].status) for job in found if job.status in ("queued", "started"))

    def _ask_again(self, bench: Bench) -> None:
        """Drop the suspects that something has come to know, or whose record has changed."""
        nowhere, unsure = self._nowhere(list(self._suspects.values()), bench)
        # A deep lane was walked through once for these; their record is still the one that stood nowhere then.
        self._suspects = {claim.job_id: claim for claim in (*nowhere, *unsure)}

    def _take_up(self, claims: Sequence[Claim], bench: Bench) -> None:
        new = [claim for claim in claims if claim.job_id not in self._suspects]
        nowhere, unsure = self._nowhere(new, bench)
        self._suspect(nowhere)
        for claim in unsure:
            self._deep.look_for(claim.queue, claim.job_id, claim)

    def _suspect(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            if len(self._suspects) < limits.SUSPECTS:
                self._suspects[claim.job_id] = claim

    def _next_page(self, bench: Bench) -> list[Claim]:
        answer: Any = self.redis.scan(self._cursor or 0, match=keys.JOB_PREFIX + "*", count=limits.SURVEY_COUNT)
        self._cursor, found = answer
        names = [text(name) or "" for name in found]
        ids = [name[len(keys.JOB_PREFIX) :] for name in names if not name.endswith((":dependents", ":dependencies"))]
        return [claim for claim in self._claims(ids) if _may_be_ghost(claim, bench.lane(claim.queue))]

    def _claims(self, ids: Sequence[str]) -> list[Claim]:
        pipeline = pipelined(self.redis)
        for job_id in ids:
            pipeline.hmget(keys.job(job_id), "status", "origin", "enqueued_at")
        answers = pipeline.execute(raise_on_error=False)
        # An error: the key is no hash, so it is no record.
        return [
            Claim(job_id, *(text(value) or "" for value in answer))
            for job_id, answer in zip(ids, answers, strict=True)
            if not isinstance(answer, Exception)
        ]

    def _nowhere(self, claims: Sequence[Claim], bench: Bench) -> tuple[list[Claim], list[Claim]]:
        """(claims that nothing confirms, those that may still stand deep in a deep lane)."""
        unconfirmed = self._unknown_to_workers(claims, bench)
        nowhere = [claim for claim in unconfirmed if claim.status == "started"]
        unsure: list[Claim] = []
        by_queue: dict[str, dict[str, Claim]] = {}
        for claim in unconfirmed:
            if claim.status == "queued":
                by_queue.setdefault(claim.queue, {})[claim.job_id] = claim
        for queue, waiting in by_queue.items():
            deep = _is_deep(bench.lane(queue))
            found = self._standing(queue, set(waiting), deep)
            (unsure if deep else nowhere).extend(claim for claim in waiting.values() if claim.job_id not in found)
        return nowhere, unsure

    def _unknown_to_workers(self, claims: Sequence[Claim], bench: Bench) -> list[Claim]:
        """Those whose record is still the same, and which no worker, run or registry holds."""
        held = {worker.job_id for worker in bench.workers if worker.job_id}
        held |= {job.id for lane in bench.lanes for job in (*lane.intermediate, *lane.running)}
        claims = [claim for claim in claims if claim.job_id not in held]
        pipeline = pipelined(self.redis)
        for claim in claims:
            pipeline.zscore(keys.registry("started", claim.queue), claim.job_id)
            pipeline.zcard(keys.executions(claim.job_id))
        answers = pipeline.execute()
        unchanged = set(self._claims([claim.job_id for claim in claims]))
        return [
            claim
            for claim, running, executions in zip(claims, answers[::2], answers[1::2], strict=True)
            if running is None and not executions and claim in unchanged
        ]

    def _standing(self, queue: str, ids: set[str], deep: bool) -> set[str]:
        """Those that a lane holds; of a deep one only its head is asked. Few are asked for; for many it is read."""
        if len(ids) > limits.LPOS_IDS:
            return self._next_jobs(queue) if deep else self._read_list(queue, ids)
        pipeline = pipelined(self.redis)
        for job_id in ids:
            pipeline.lpos(keys.queue(queue), job_id, maxlen=limits.LPOS_DEPTH if deep else None)
        return {job_id for job_id, place in zip(ids, pipeline.execute(), strict=True) if place is not None}

    def _next_jobs(self, queue: str) -> set[str]:
        """The head of a deep lane. What a record says it waited for longest stands here, if anywhere."""
        pipeline = pipelined(self.redis)
        # They overlap, for what is taken from the head meanwhile.
        for start in range(0, limits.LPOS_DEPTH, limits.LIST_CHUNK - limits.LIST_OVERLAP):
            pipeline.lrange(keys.queue(queue), start, start + limits.LIST_CHUNK - 1)
        return {text(member) or "" for members in pipeline.execute() for member in members}

    def _read_list(self, queue: str, ids: set[str]) -> set[str]:
        found: set[str] = set()
        end = -1
        while ids - found:
            chunk, following = read_chunk(self.redis, queue, end)
            if not chunk:
                break
            found |= ids & chunk
            end = following
        return found


def _is_deep(lane: Lane | None) -> bool:
    return lane is not None and lane.counts.queued > limits.LPOS_DEPTH


def _may_be_ghost(claim: Claim, lane: Lane | None) -> bool:
    """Shallow lanes are asked about every record. In a deep one a worker takes from the head, so what it dropped was
    enqueued before the present head; ISO times of one writer compare as text, here to the second."""
    if lane is None or claim.status not in ("queued", "started"):
        return False
    if claim.status == "started" or not _is_deep(lane) or lane.oldest_enqueued_at is None or not claim.enqueued_at:
        return True
    return claim.enqueued_at[:19] <= lane.oldest_enqueued_at.isoformat()[:19]
