"""`undecodable`: its payload cannot be read: no worker with RQ's own serializers can run it.

Our reader imports nothing, so what it cannot take apart is no pickle (nor RQ's JSON) of a call. A payload that is only
too large for us to show is not meant. Jobs at the heads of the lanes are looked at, those between two lists, and those
that a worker has just failed to read.

Of bytes that begin like neither, another serializer may be the writer: whether its workers can run them is not known
here: there is no warning.

A record that RQ cannot load is worse: it ends each worker that takes it (`rq.loadable`). It may then stand between two
lists, or nowhere (`ghosts`).

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

ENDS_WORKERS = _(
    "{job} ends each worker that takes it: RQ cannot load its record, {problem}. Do not put it back in a queue; it can "
    "be enqueued anew, with what is wrong made right."
)


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in _jobs(bench, lane):
            if not job.call.broken and not _ends_workers(job):
                continue
            since = job.enqueued_at or job.created_at
            age = (
                _("It was enqueued {duration} ago.").format(duration=duration((bench.at - since).total_seconds()))
                if since
                else ""
            )
            yield Warning(
                code="undecodable",
                severity="critical" if _ends_workers(job) else "warning",
                queue=lane.name,
                job_id=job.id,
                site=job.site,
                since=since,
                message=joined((_verdict(job), age)),
                evidence={
                    "problem": job.unloadable or job.call.problem,
                    "status": job.status,
                    "bytes": job.payload_bytes,
                    "serializer_unknown": job.call.foreign,
                    "ends_workers": _ends_workers(job),
                },
                remedies=(DELETE,),
                needs_proof=True,
            )


def _ends_workers(job: Job) -> bool:
    return job.unloadable is not None and job.status != "failed"


def _verdict(job: Job) -> str:
    if _ends_workers(job):
        return ENDS_WORKERS.format(job=job.id, problem=job.unloadable)
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
