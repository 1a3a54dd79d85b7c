"""Deferred jobs that seem to wait in vain, beyond the few of each lane that every look reads.

The survey comes upon them among all records. They are read again at each of its steps, and judged by the detector.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..models.bench import Bench
from ..models.jobs import Job
from ..models.sweeps import Claim
from ..redis.link import Redis
from . import limits
from .reader import JobReader
from .snapshot import statuses


class UnmetDependencies:
    """Those that the survey knows of. Bounded."""

    def __init__(self, redis: Redis, reader: JobReader) -> None:
        self.redis = redis
        self.reader = reader
        self._claims: dict[str, Claim] = {}
        self._jobs: tuple[Job, ...] = ()
        self._awaited: dict[str, str | None] = {}

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(self._claims.values())

    def note(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            if len(self._claims) < limits.SUSPECTS:
                self._claims[claim.job_id] = claim

    def ask_again(self) -> None:
        """Those that are not deferred any more are forgotten. Two round trips, none when there are none."""
        found = self.reader.read(list(self._claims)) if self._claims else []
        self._jobs = tuple(job for job in found if job.status == "deferred")
        self._claims = {job.id: self._claims[job.id] for job in self._jobs}
        self._awaited = statuses(self.redis, self._jobs)

    def add_to(self, bench: Bench) -> Bench:
        """The bench with these, too, among its lanes' deferred jobs."""
        if not self._jobs:
            return bench
        shown = {job.id for lane in bench.lanes for job in lane.deferred}
        lanes = tuple(
            replace(
                lane,
                deferred=(
                    *lane.deferred,
                    *(job for job in self._jobs if job.queue == lane.name and job.id not in shown),
                ),
            )
            for lane in bench.lanes
        )
        return replace(bench, lanes=lanes, dependencies={**self._awaited, **bench.dependencies})
