"""`no_workers`: a lane with waiting jobs that no live worker serves, or whose workers are all about to stop.

A worker that was asked to stop finishes its job and takes no more, so it serves no lane; nor does one that is quiet. It
may be a restart, which another one follows: a warning, not critical. A lane that is paused is `paused`.

Workers that end as soon as they start (a broken app, a supervisor that starts them again each second) are alive in
every other look, and never take anything. A worker pops at once; so one that has just begun and is idle beside work
that has waited for long serves nobody yet: it counts when it has taken something, or lives for some seconds.

Wrong if: a worker serves the lane and its record does not say so. Redis may have lost that (`unregistered`): such a one
serves the lanes whose jobs it was seen to run; and while it is busy with another lane's there is no warning, since it
may serve this one, too. Or if whoever writes `enqueued_at` has another clock, and the work has just come.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import Message, _
from ...models.bench import Bench, Lane, label
from ...models.warnings import Warning
from ...models.workers import Worker
from ...rq import limits as rq_limits
from ...wording import duration, many
from .. import limits
from .lane_remedies import MOVE_WAITING, start_line


def detect(bench: Bench) -> Iterator[Warning]:
    new = [] if bench.suspended else [worker for worker in bench.workers if _has_just_begun(bench, worker)]
    served = {queue for worker in bench.workers if worker.takes_work and worker not in new for queue in worker.queues}
    for lane in bench.lanes:
        if not lane.counts.queued or lane.name in served or lane.paused or workers_of_unknown_lanes(bench):
            continue
        waited = _waited(bench, lane)
        if waited is not None and waited < limits.NO_WORKERS_WAIT_S:
            continue
        here = [worker for worker in bench.workers if worker.alive and lane.name in worker.queues]
        begun = [worker for worker in here if worker in new]
        draining = [worker for worker in here if worker not in new]
        oldest = (
            _("the oldest for {duration}").format(duration=duration(waited))
            if waited is not None
            else _("since when is not known")
        )
        yield Warning(
            code="no_workers",
            severity="warning" if draining else "critical",
            queue=lane.name,
            since=lane.oldest_enqueued_at,
            message=_("{who}: {jobs} waiting, {oldest}.").format(
                who=_who(called(bench, lane.name), draining, bool(begun)),
                jobs=many(lane.counts.queued, _("{count:,} job"), _("{count:,} jobs")),
                oldest=oldest,
            ),
            evidence={
                "waiting": lane.counts.queued,
                "oldest_wait_s": None if waited is None else round(waited, 1),
                "workers_elsewhere": sum(worker.alive for worker in bench.workers) - len(here),
                "start": start_line(lane.name),
                **({"begun": [worker.name for worker in begun]} if begun else {}),
                **({"stopping": [worker.name for worker in draining]} if draining else {}),
            },
            remedies=(MOVE_WAITING,),
            needs_proof=True,
        )


def called(bench: Bench, queue: str) -> str:
    """A queue as people call it; in full where the bench knows another one of that label: its folder was moved."""
    short = label(queue)
    known = {lane.name for lane in bench.lanes} | {each for worker in bench.workers for each in worker.queues}
    return queue if any(name != queue and label(name) == short for name in known) else short


_TOLD = {
    "stop": (
        _("Its only worker is told to stop, so none takes work of {lane}"),
        _("Its {count} workers are told to stop, so none takes work of {lane}"),
    ),
    "quiet": (
        _("Its only worker is told to take no work, so none takes work of {lane}"),
        _("Its {count} workers are told to take no work, so none takes work of {lane}"),
    ),
    "both": (
        _("Its only worker is told to stop or to take no work, so none takes work of {lane}"),
        _("Its {count} workers are told to stop or to take no work, so none takes work of {lane}"),
    ),
}


def _has_just_begun(bench: Bench, worker: Worker) -> bool:
    """It is idle and has run nothing yet."""
    if not worker.takes_work or worker.job_id or worker.state == "busy" or worker.jobs_ended or worker.born_at is None:
        return False
    return (bench.at - worker.born_at).total_seconds() < limits.BEGUN_S


def _who(lane: str, draining: list[Worker], begun: bool) -> Message:
    if not draining and begun:
        return _(
            "Nobody takes the work of {lane}: its workers have just begun and took none, as when they end as soon as "
            "they start"
        ).format(lane=lane)
    if not draining:
        return _("No worker serves {lane}").format(lane=lane)
    quiet = sum(worker.quiet is not None for worker in draining)
    one, more = _TOLD["stop" if not quiet else "quiet" if quiet == len(draining) else "both"]
    return (one if len(draining) == 1 else more).format(lane=lane, count=len(draining))


def workers_of_unknown_lanes(bench: Bench) -> list[Worker]:
    """Living workers that may serve any lane: their records do not say which, and they are busy."""
    return [worker for worker in bench.workers if worker.alive and worker.unregistered and worker.state == "busy"]


def _waited(bench: Bench, lane: Lane) -> float | None:
    """None when the records do not say: none at the head can be read, or whoever enqueued has a clock of its own."""
    oldest = lane.oldest_enqueued_at
    waited = (bench.at - oldest).total_seconds() if oldest else None
    return None if waited is None or waited < -rq_limits.CLOCK_S else waited
