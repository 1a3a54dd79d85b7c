"""`undecodable`: its payload cannot be read: no worker with RQ's own serializers can run it.

Our reader imports nothing, so what it cannot take apart is no pickle (nor RQ's JSON) of a call. A payload that is only
too large for us to show is not meant. Jobs at the heads of the lanes are looked at, those between two lists, and those
that a worker has just failed to read.

Of bytes that begin like neither, another serializer may be the writer: whether its workers can run them is not known
here: there is no warning.

Wrong if: a worker with a serializer of its own serves that lane, and can read what we cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...look import limits as look_limits
from ...messages import _, joined
from ...models.bench import Bench, Lane
from ...models.jobs import Job
from ...models.warnings import Remedy, Warning
from ...wording import duration

DELETE = Remedy(
    "delete",
    _("Delete it"),
    _("The record goes, and the id is free. What it was meant to do cannot be known from it."),
    safe=False,
)


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in _jobs(bench, lane):
            if not job.call.broken:
                continue
            since = job.enqueued_at or job.created_at
            age = (
                _("It was enqueued {duration} ago.").format(duration=duration((bench.at - since).total_seconds()))
                if since
                else ""
            )
            yield Warning(
                code="undecodable",
                severity="warning",
                queue=lane.name,
                job_id=job.id,
                site=job.site,
                since=since,
                message=joined((_verdict(job), age)),
                evidence={
                    "problem": job.call.problem,
                    "status": job.status,
                    "bytes": job.payload_bytes,
                    "serializer_unknown": job.call.foreign,
                },
                remedies=(DELETE,),
                needs_proof=True,
            )


def _verdict(job: Job) -> str:
    if not job.call.foreign:
        return _("{job} cannot be run by any worker: {problem}.").format(job=job.id, problem=job.call.problem)
    here = _("{job} cannot be read here: {problem}.").format(job=job.id, problem=job.call.problem)
    if job.status == "failed":
        return joined((here, _("It has failed: its error says whether a worker could.")))
    fails = _("Workers with RQ's own serializers (pickle, JSON) fail on it; those with its own can run it, if any.")
    return joined((here, fails))


def _jobs(bench: Bench, lane: Lane) -> Iterable[Job]:
    yield from (*lane.head, *lane.intermediate, *lane.overdue, *lane.deferred)
    for job in lane.failures:
        if job.ended_at and (bench.at - job.ended_at).total_seconds() <= look_limits.KILLED_LATELY_S:
            yield job
