"""Reads what changes slowly (policies, history, failures, repeated work) between the looks, and caches it for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from time import monotonic

from ..history import statistics
from ..models.bench import Bench, FailedRun, Repeated, Usual
from ..models.ended_well import EndedWell
from ..models.expected import Pace
from ..models.jobs import Job
from ..models.lately import Lately
from ..models.policy_match import Policies
from ..policies.store import PolicyCache
from ..redis.link import Redis, if_allowed
from ..schedule.store import ScheduleStore
from . import limits, recent, repeated
from .expected.pace_reader import PaceReader
from .reader import JobReader
from .unusual import Unusual


class LookCache:
    """One per process. `read` and `add_to` may run at the same time; `watch.Watch` never runs either of them twice at
    once.
    """

    def __init__(
        self,
        redis: Redis,
        reader: JobReader,
        policies: PolicyCache,
        schedules: ScheduleStore,
        clock: Callable[[], float] = monotonic,
        queue_prefix: str = "",
    ) -> None:
        self.redis = redis
        self.reader = reader
        self._clock = clock
        self._usual: dict[str, tuple[float, Usual | None]] = {}
        self._failed: tuple[FailedRun, ...] = ()
        self._failed_since: Mapping[str, datetime] = {}
        self._succeeded: Mapping[tuple[str | None, str], datetime] = {}
        self._ended_well: EndedWell | None = None
        self._repeated: tuple[Repeated, ...] = ()
        self._policy_cache = policies
        self._schedules = schedules
        self._policies = Policies()
        self._pace_reader = PaceReader(redis, reader)
        self._pace = Pace()
        self._unusual = Unusual(redis, queue_prefix)
        self._lately = Lately()
        self._was_read = False

    def read(self, bench: Bench) -> None:
        """Read again what failed lately and what waits several times; policies and schedules if they have changed."""
        self._policies = if_allowed(self._policy_cache.all) or Policies()
        if_allowed(self._schedules.read)
        self._failed, self._failed_since = recent.failed(self.redis, self.reader, bench)
        self._succeeded = recent.succeeded_at(self.redis, self.reader, bench, self._failed)
        self._ended_well = recent.ended_well(self.redis, self.reader, bench, self._failed)
        self._repeated = repeated.find(self.redis, self.reader, bench)
        self._pace = self._pace_reader.read(bench)
        self._lately = self._unusual.read(bench, self._failed)
        self._was_read = True

    def outgrown(self, bench: Bench) -> bool:
        """Whether a lane has grown so much since it was sampled that the sample says little about what waits now."""
        read = self._pace.waiting
        return self._was_read and any(
            lane.counts.queued
            > limits.PACE_OUTGROWN * max(read[lane.name].of if lane.name in read else 0, limits.HEAD_ROWS)
            for lane in bench.lanes
        )

    def add_to(self, bench: Bench) -> Bench:
        """The bench with what was read, and with the history of the methods on screen and of those that wait."""
        bench = replace(bench, pace=self._pace)
        return replace(
            bench,
            usual=self._history(bench),
            failed_lately=self._failed,
            failures_since=self._failed_since,
            succeeded_at=self._succeeded,
            ended_well=self._ended_well or EndedWell(bench.at),
            repeated=self._repeated,
            policies=self._policies,
            schedules=self._schedules.all(),
            lately=self._lately,
        )

    def _history(self, bench: Bench) -> dict[str, Usual]:
        """Each method is asked at most once in `limits.USUAL_TTL_S`; what is not on screen is forgotten."""
        now, methods = self._clock(), {*(job.call.method for job in _on_screen(bench)), *_sampled(bench)}
        fresh = {
            method: known
            for method, known in self._usual.items()
            if method in methods and now - known[0] < limits.USUAL_TTL_S
        }
        missing = methods - fresh.keys()
        if missing:
            found = if_allowed(lambda: statistics.usual(self.redis, sorted(missing), bench.at)) or {}
            fresh.update({method: (now, found.get(method)) for method in missing})
        self._usual = fresh
        return {method: usual for method, (_at, usual) in fresh.items() if usual}


def _on_screen(bench: Bench) -> Iterator[Job]:
    for lane in bench.lanes:
        yield from (*lane.running, *lane.head)
    yield from bench.held.values()


def _sampled(bench: Bench) -> Iterator[str]:
    for sampled in bench.pace.waiting.values():
        yield from (call.method for _place, call in sampled.calls)
