"""Deferred jobs that nothing seems to enqueue any more, beyond the few of each lane that every look reads.

The survey finds them among all records. It reads them again at each of its steps; the detector decides.
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
    """The ones that the survey has found. Bounded."""

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
        """Forget jobs that are not deferred any more. Two round trips, none when there are no such jobs."""
        found = self.reader.read(list(self._claims)) if self._claims else []
        self._jobs = tuple(job for job in found if job.status == "deferred")
        self._claims = {job.id: self._claims[job.id] for job in self._jobs}
        self._awaited = statuses(self.redis, self._jobs)

    def add_to(self, bench: Bench) -> Bench:
        """The bench, with these added to its lanes' deferred jobs."""
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
