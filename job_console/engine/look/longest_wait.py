"""Which job has waited longest in each lane. It need not be at the head, since jobs are put in front, moved and
requeued.

A look reads both ends of a lane; what waits between them is only read by the survey, which goes through all records.
The oldest few of each lane that the survey has read are kept here, and checked again at every step until they have left
their lane.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..models.bench import Bench, Lane
from ..models.jobs import Job
from ..models.sweeps import Claim
from . import limits
from .reader import JobReader


class Waited:
    """A part of the survey, and as little thread-safe."""

    def __init__(self, reader: JobReader) -> None:
        self._reader = reader
        self._claims: dict[str, list[Claim]] = {}
        self._jobs: dict[str, Job] = {}
        #: The survey has read all records once, so the oldest job of each lane is known.
        self.whole = False

    def note(self, claims: Iterable[Claim]) -> None:
        """Remember the oldest of these waiting jobs."""
        for claim in claims:
            if claim.status == "queued" and claim.enqueued_at:
                known = {claim, *self._claims.get(claim.queue, ())}
                self._claims[claim.queue] = sorted(known, key=_since)[: limits.OLDEST_KEPT]

    def ask_again(self, nowhere: set[str]) -> None:
        """Forget the jobs that have left their lanes, and those in `nowhere`, which are in no lane. One round trip."""
        claims = [claim for kept in self._claims.values() for claim in kept if claim.job_id not in nowhere]
        jobs = {job.id: job for job in self._reader.read([claim.job_id for claim in claims]) if job.status == "queued"}
        self._claims, self._jobs = {}, {}
        for claim in claims:
            job = jobs.get(claim.job_id)
            if job is not None and job.queue == claim.queue:
                self._claims.setdefault(claim.queue, []).append(claim)
                self._jobs.setdefault(claim.queue, job)

    def add_to(self, bench: Bench) -> Bench:
        return replace(bench, lanes=tuple(self._reported(lane) for lane in bench.lanes))

    def _reported(self, lane: Lane) -> Lane:
        if lane.oldest_is_sure:
            return lane  # all of it was read
        found = self._jobs.get(lane.name)
        lane = replace(lane, oldest_is_sure=self.whole)
        if found is None or found.enqueued_at is None:
            return lane
        if lane.oldest_enqueued_at is not None and lane.oldest_enqueued_at <= found.enqueued_at:
            return lane
        return replace(lane, oldest=found, oldest_enqueued_at=found.enqueued_at)


def _since(claim: Claim) -> tuple[str, str]:
    """ISO times of one writer compare as text."""
    return claim.enqueued_at, claim.job_id
