"""`worker_stale`: a worker whose heartbeat is late or whose clock is wrong, who says busy without a job, or who is idle
and does not hear.

An idle worker is blocked in a pop and beats when that ends, after minutes; but work that arrives wakes it at once. One
that has been blocked for a minute beside work that has waited as long is stopped, or lost its connection.

With each beat in a job a worker writes until when it is good twice: as the lease of the job by its own clock, and as
the time that its record has to live, which the server counts. The difference is how wrong its clock is.

Wrong if: the work came while nobody of that lane was to take it (suspended until a moment ago); the worker beats on a
connection that Redis lets through only now; or its job's lease was written by another clock than its record's time.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...look import limits as look_limits
from ...messages import _
from ...models.bench import Bench
from ...models.warnings import Warning
from ...models.workers import Worker
from ...rq import limits as rq_limits
from ...wording import duration
from .. import limits


def detect(bench: Bench) -> Iterator[Warning]:
    for worker in bench.workers:
        ahead = _clock_ahead_s(bench, worker)
        wrong = abs(ahead) > rq_limits.CLOCK_S
        reason = _by_another_clock(worker, ahead) if wrong else _stale(bench, worker)
        if reason:
            yield Warning(
                code="worker_stale",
                severity="warning",
                worker=worker.name,
                since=worker.born_at if wrong else worker.heartbeat_at,
                message=reason,
                evidence={
                    "host": worker.host,
                    "pid": worker.pid,
                    "queues": list(worker.queues),
                    "state": worker.state,
                    **({"clock_ahead_s": round(ahead)} if wrong else {}),
                },
                needs_proof=True,
            )


def _stale(bench: Bench, worker: Worker) -> str:
    age = worker.heartbeat_age_s(bench.at)
    if worker.state == "gone" or age is None:
        return ""
    # Between two jobs its record says idle for a moment, and it beats with each: two looks can meet two such moments.
    if worker.state == "busy" and worker.job_id is None and age > limits.BUSY_ALONE_S and not _took_one(bench, worker):
        return _("Worker {worker} says it is busy, but names no job.").format(worker=worker.name)
    # RQ says "started" for a moment, before its first "idle".
    if worker.state in ("idle", "started") and age > look_limits.IDLE_HEARTBEAT_LATE_S and _is_late(worker):
        return _("Worker {worker} is idle and has not been heard of for {duration}.").format(
            worker=worker.name, duration=duration(age)
        )
    if worker.state == "idle" and age > limits.IDLE_DEAF_S and _work_waits(bench, worker):
        return _("Worker {worker} is idle since {duration} and does not take the work that waits.").format(
            worker=worker.name, duration=duration(age)
        )
    return ""


def _is_late(worker: Worker) -> bool:
    """Its beat is written by its own clock, and the time that its record has left is counted by the server's: a record
    that has minutes left was written lately, whatever that clock said."""
    return worker.expires_in_s is None or worker.expires_in_s < look_limits.IDLE_LEFT_S


def _took_one(bench: Bench, worker: Worker) -> bool:
    """What it may have died with is named: `worker_lost`."""
    lanes = (lane for lane in bench.lanes if lane.name in worker.queues)
    return any(job.status == "queued" for lane in lanes for job in lane.running)


def _work_waits(bench: Bench, worker: Worker) -> bool:
    """Whether one of its lanes holds a job that has waited as long as would prove it deaf."""
    if worker.quiet is not None:
        return False
    mine = [lane for lane in bench.lanes if lane.name in worker.queues and lane.paused is None]
    waiting = [lane.oldest_enqueued_at for lane in mine]
    oldest = min((since for since in waiting if since), default=None)
    return not bench.suspended and oldest is not None and (bench.at - oldest).total_seconds() > limits.IDLE_DEAF_S


def _by_another_clock(worker: Worker, ahead: float) -> str:
    text = _(
        "Worker {worker} lives by a clock that is {duration} behind Redis's: other workers will call its jobs "
        "abandoned."
    )
    if ahead > 0:
        text = _(
            "Worker {worker} lives by a clock that is {duration} ahead of Redis's: how long its jobs wait and run is "
            "wrong."
        )
    return text.format(worker=worker.name, duration=duration(abs(ahead)))


def _clock_ahead_s(bench: Bench, worker: Worker) -> float:
    """How far its clock is ahead; negative: behind. Of an idle worker only the former can be known."""
    beat = worker.heartbeat_at
    if beat is None:
        return 0.0
    job = next((job for lane in bench.lanes for job in lane.running if job.id == worker.job_id), None)
    in_the_future = max((beat - bench.at).total_seconds(), 0.0)
    if job is None or job.lease_until is None or worker.expires_in_s is None:
        return in_the_future
    ran = (beat - job.started_at).total_seconds() if job.started_at else 0.0
    if 0 < (job.timeout_s or 0) < ran + rq_limits.CLOCK_S:
        return in_the_future  # near its timeout RQ makes the lease shorter; a clock set ahead may only look like that
    return (job.lease_until - bench.at).total_seconds() - worker.expires_in_s
