"""`in_limbo`: taken from the queue but never started; it stands in RQ's intermediate list.

A worker of one queue (rq >= 1.16) moves an id there and takes it out when the job starts, a moment later. One that is
killed in between leaves it. RQ fails such a job after a minute, but only when a worker that listens on this lane does
its maintenance, every ten minutes.

Wrong if: its worker lives and takes longer than two looks to begin it (a host that swaps), or runs where its record was
lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _, joined
from ...models.bench import Bench
from ...models.jobs import Job
from ...models.warnings import Remedy, Warning
from ...wording import duration, name

REQUEUE = Remedy(
    "requeue",
    _("Put it back in the queue"),
    _("It never started, so it runs for the first time. Checked again first."),
)


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in lane.intermediate:
            if job.status != "queued" or job.id in bench.held or job.unloadable:
                continue  # what cannot be loaded ends the next worker, too: `undecodable`
            yield Warning(
                code="in_limbo",
                severity="critical",
                queue=lane.name,
                job_id=job.id,
                site=job.site,
                since=job.enqueued_at,
                message=joined(
                    (
                        _("{job} was taken from {lane} but never started: its worker died in between.").format(
                            job=name(job), lane=lane.label
                        ),
                        _age(bench, job),
                    )
                ),
                evidence={"method": job.call.method, "list": "intermediate"},
                remedies=(REQUEUE,),
                needs_proof=True,
            )


def _age(bench: Bench, job: Job) -> str:
    if job.enqueued_at is None:
        return ""
    return _("It was enqueued {duration} ago.").format(duration=duration((bench.at - job.enqueued_at).total_seconds()))
