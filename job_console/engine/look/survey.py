"""Finds ghosts (records of jobs that are in no queue or registry) and deferred jobs that nothing will enqueue.

A ghost is found only by reading all records. The survey does that in slices: each `step` reads SCAN pages, keeps the
records that say `queued` or `started`, and looks those jobs up in the lists and registries that ought to have them. It
keeps its SCAN cursor, so a bench of any size is read in time, and checks what it found again at every step until it is
no longer true.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import monotonic

from ..models.bench import Bench, Ghost, Lane
from ..models.sweeps import Claim, Effort, Memory, Surveyed
from ..policies import limits as policies_limits
from ..redis import keys, list_position
from ..redis.link import Redis, answers, pipelined, script
from ..rq.records import text
from . import coverage, limits
from .coverage import Round
from .deep_lanes import DeepLanes, read_chunk
from .longest_wait import Waited
from .reader import JobReader
from .unmet_dependencies import UnmetDependencies


class Survey:
    """One per process. Not thread-safe: `watch.Watch` calls it under its lock."""

    def __init__(self, redis: Redis, reader: JobReader, queue_prefix: str = "") -> None:
        """`queue_prefix`: of the bench's own queues, where several benches share a Redis."""
        self.redis = redis
        self.queue_prefix = queue_prefix
        self.reader = reader
        self._cursor: int | None = None
        self._suspects: dict[str, Claim] = {}
        self._lists: dict[str, set[str]] = {}
        #: Queues that records name and RQ's own set does not. Bounded.
        self.strange_queues: set[str] = set()
        #: What it looks for in deep lanes; with each claim those that are to be gone through after this one.
        self._deep = DeepLanes[tuple[Claim, tuple[str, ...]]](redis)
        self.unmet = UnmetDependencies(redis, reader)
        self.waited = Waited(reader)
        self._round = Round()

    @property
    def place(self) -> tuple[int, tuple[Claim, ...]]:
        """The cursor and the suspected ghosts: what another process needs to continue the survey."""
        suspects = list(self._suspects.values())[: limits.SUSPECTS]
        return self._cursor or 0, (*suspects, *self.unmet.claims)

    @property
    def surveyed(self) -> Surveyed:
        return replace(self._round.reported, unsure=self._deep.missing)

    def go_on(self, memory: Memory) -> None:
        """Continue another process's survey, unless this one has begun already; its suspects are checked as our own."""
        if self._cursor is None:
            self._cursor = memory.cursor
            self._round.take_over(memory.surveyed)
        self._round.learn(memory.surveyed)
        known = [claim for claim in memory.suspects if claim.job_id not in self._suspects]
        self.unmet.note(claim for claim in known if claim.status == "deferred")
        self._suspect(claim for claim in known if claim.status != "deferred")

    def step(self, bench: Bench, effort: Effort) -> tuple[Ghost, ...]:
        """Read on, at most through all records once. Returns the ghosts that are known now."""
        deadline, turns = monotonic() + effort.seconds, 0
        if effort.whole:
            self._cursor = 0
            self._round.begin()
        self._lists = {}
        self._ask_again(bench)
        claims: list[Claim] = []
        around = False
        while True:  # at least once, however long the first question took
            turns += 1
            if self._deep.busy:
                self._missing_in_one(self._deep.step())
            if not around:
                claims += self._next_page(bench)
                around = self._cursor == 0
            ends = monotonic() >= deadline or turns == effort.turns or (around and not (self._deep.busy or claims))
            if ends or around or len(claims) >= limits.SURVEY_COUNT:
                self._take_up(claims, bench)
                claims = []
            if effort.on_surveyed is not None:
                effort.on_surveyed(coverage.known(self.surveyed, bench))
            if ends:
                break
        if around:
            self._round.end(bench.at)
        self.unmet.ask_again()
        self.waited.whole = self.waited.whole or around
        self.waited.ask_again(set(self._suspects))
        found = self.reader.read(list(self._suspects))
        return tuple(Ghost(job, self._suspects[job.id].status) for job in found if job.status in ("queued", "started"))

    def _ask_again(self, bench: Bench) -> None:
        """Drop the suspects that a queue, registry or worker has now, or whose record has changed."""
        nowhere, unsure = self._nowhere(list(self._suspects.values()), bench)
        # A walk through a deep lane has not found these, and their records are unchanged since.
        self._suspects = {claim.job_id: claim for claim in (*nowhere, *unsure)}

    def _take_up(self, claims: Sequence[Claim], bench: Bench) -> None:
        new = [claim for claim in claims if claim.job_id not in self._suspects]
        nowhere, unsure = self._nowhere(new, bench)
        self._suspect(nowhere)
        gone = {claim.job_id for claim in nowhere}
        self.waited.note(claim for claim in new if claim.job_id not in gone)
        for claim in unsure:
            self._look_on(claim, self._deep_lanes(claim, bench))

    def _look_on(self, claim: Claim, lanes: Sequence[str]) -> None:
        first, *rest = lanes
        self._deep.look_for(first, claim.job_id, (claim, tuple(rest)))

    def _missing_in_one(self, missing: Iterable[tuple[Claim, tuple[str, ...]]]) -> None:
        """These are not in the deep lane that was gone through last: the next one may have them."""
        for claim, rest in missing:
            if rest:
                self._look_on(claim, rest)
            else:
                self._suspect((claim,))

    def _deep_lanes(self, claim: Claim, bench: Bench) -> list[str]:
        """Those that may hold it behind what was looked at, its own first: workers run what stands in any of them."""
        if claim.status != "queued":
            return []
        deep = [lane.name for lane in bench.lanes if _is_deep(lane) and not lane.broken]
        return sorted(deep, key=lambda name: name != claim.queue)

    def _suspect(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            if len(self._suspects) < limits.GHOSTS:
                self._suspects[claim.job_id] = claim

    def _next_page(self, bench: Bench) -> list[Claim]:
        lanes = {lane.name: _in_order_since(lane) for lane in bench.lanes if not lane.broken}
        arguments = (self._cursor or 0, limits.SURVEY_COUNT, json.dumps(lanes), self.queue_prefix)
        cursor, found, strange, waiting = self.redis.eval(script("survey_page"), 0, *arguments)
        self._cursor = int(cursor)
        self._round.read(int(waiting))
        named = self.strange_queues | {text(name) or "" for name in strange}
        known = {*bench.unreadable, *(lane.name for lane in bench.lanes)}
        self.strange_queues = set(sorted(named - known)[: limits.UNLISTED])
        claims = [Claim(*(text(value) or "" for value in row)) for row in found]
        self.unmet.note(claim for claim in claims if claim.status == "deferred")
        return [claim for claim in claims if claim.status != "deferred"]

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
        """(claims that nothing confirms, those that may still be far back in a deep lane).

        Lists are read first, so that a job which leaves its list meanwhile is found in what is read next.
        """
        by_queue: dict[str, dict[str, Claim]] = {}
        for claim in claims:  # also those that say `started`: a job that is to run again is in its queue
            by_queue.setdefault(claim.queue, {})[claim.job_id] = claim
        missing: list[Claim] = []
        for queue, waiting in by_queue.items():
            found = self._standing(queue, set(waiting), self._is_deep(bench, queue))
            missing += [claim for claim in waiting.values() if claim.job_id not in found]
        nowhere: list[Claim] = []
        unsure: list[Claim] = []
        for claim in self._in_no_other_lane(self._unknown_to_workers(missing, bench), bench):
            (unsure if self._deep_lanes(claim, bench) else nowhere).append(claim)
        return nowhere, unsure

    def _in_no_other_lane(self, claims: Sequence[Claim], bench: Bench) -> list[Claim]:
        """A queue's key may have been renamed (its bench was moved), or an id put into another one by hand: workers run
        what stands in a list, whatever its record says of its origin. Of a deep lane only the head is looked at here.
        """
        left = {claim.job_id: claim for claim in claims if claim.status == "queued"}
        for lane in bench.lanes:
            ids = {job_id for job_id, claim in left.items() if claim.queue != lane.name}
            if ids and lane.counts.queued and not lane.broken:
                left = {job_id: left[job_id] for job_id in left.keys() - self._standing(lane.name, ids, _is_deep(lane))}
        return [claim for claim in claims if claim.status != "queued" or claim.job_id in left]

    def _unknown_to_workers(self, claims: Sequence[Claim], bench: Bench) -> list[Claim]:
        """The claims whose record is unchanged, and which no worker, run or registry has."""
        held = {worker.job_id for worker in bench.workers if worker.job_id}
        held |= {job.id for lane in bench.lanes for job in (*lane.intermediate, *lane.running)}
        claims = [claim for claim in claims if claim.job_id not in held]
        pipeline = pipelined(self.redis)
        for claim in claims:
            pipeline.zscore(keys.registry("started", claim.queue), claim.job_id)
            pipeline.zcard(keys.executions(claim.job_id))
        # An error: a key is of another type, and nothing can be known.
        answers = pipeline.execute(raise_on_error=False)
        unchanged = set(self._claims([claim.job_id for claim in claims]))
        return [
            claim
            for claim, lease, runs in zip(claims, answers[::2], answers[1::2], strict=True)
            if lease is None and not runs and claim in unchanged
        ]

    def _standing(self, queue: str, ids: set[str], deep: bool) -> set[str]:
        """The ids of these that a lane holds (of a deep one, only its first `LPOS_DEPTH`). A few ids are looked up one
        by one; for many the list is read.
        """
        if len(ids) > limits.LPOS_IDS:
            return self._next_jobs(queue) if deep else self._read_list(queue)
        pipeline = pipelined(self.redis)
        for job_id in ids:
            list_position.ask(pipeline, keys.queue(queue), job_id, policies_limits.LPOS_DEPTH if deep else 0)
        # An error: the key is of another type, and nothing can be told.
        places = pipeline.execute(raise_on_error=False)
        return {job_id for job_id, place in zip(ids, places, strict=True) if place is not None}

    def _is_deep(self, bench: Bench, queue: str) -> bool:
        """Also of one that RQ's own set does not list any more."""
        lane = bench.lane(queue)
        if lane is not None:
            return _is_deep(lane)
        (length,) = answers(pipelined(self.redis).llen(keys.queue(queue)), 1)
        return isinstance(length, int) and length > policies_limits.LPOS_DEPTH

    def _next_jobs(self, queue: str) -> set[str]:
        """The ids at the head of a deep lane, where the job that has waited longest is, if it is in the lane at all."""
        pipeline = pipelined(self.redis)
        # Chunks overlap, because workers take jobs from the head meanwhile.
        for start in range(0, policies_limits.LPOS_DEPTH, limits.LIST_CHUNK - limits.LIST_OVERLAP):
            pipeline.lrange(keys.queue(queue), start, start + limits.LIST_CHUNK - 1)
        return {text(member) or "" for members in pipeline.execute() for member in members}

    def _read_list(self, queue: str) -> set[str]:
        """All ids that were in a lane at some moment of this step. A job enqueued since is too young to be a ghost."""
        if queue not in self._lists:
            self._lists[queue], end = set(), -1
            while True:
                chunk, end = read_chunk(self.redis, queue, end)
                if not chunk:
                    break
                self._lists[queue].update(chunk)
        return self._lists[queue]


def _is_deep(lane: Lane | None) -> bool:
    return lane is not None and lane.counts.queued > policies_limits.LPOS_DEPTH


def _in_order_since(lane: Lane) -> str:
    """Of a deep lane: the ISO second after which enqueued jobs need no check; "": all records are checked.

    Workers take jobs from the head, so a job that one of them dropped was enqueued before the one that is at the head
    now. ISO times of one writer compare as text.
    """
    oldest = min((job.enqueued_at for job in lane.head if job.enqueued_at), default=None)
    return oldest.isoformat()[:19] if oldest and _is_deep(lane) else ""
