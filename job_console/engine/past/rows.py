"""Jobs, workers and lanes of a picture as short lists, and back. Arguments are not kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from ..jobs.redact import Redaction
from ..models.bench import Bench, Counts, Lane
from ..models.holds import QUEUE, WORKER, Hold, place
from ..models.jobs import Call, Failure, Job
from ..models.progress import Parked, Progress
from ..models.workers import Death, Measured, Worker
from . import limits

Row = list[Any]
Holds = Mapping[str, Hold]
_COUNTS = ("queued", "started", "failed", "finished", "deferred", "scheduled", "canceled", "dead")


def tenths(moment: datetime | None) -> int | None:
    """Of a second: nobody sees more of the past."""
    return None if moment is None else round(moment.timestamp() * 10)


def moment(tenths: int | None) -> datetime | None:
    return None if tenths is None else sure(tenths)


def sure(tenths: int) -> datetime:
    return datetime.fromtimestamp(tenths / 10, timezone.utc)


def lane_row(bench: Bench, lane: Lane, redaction: Redaction) -> Row:
    def rows(jobs: Iterable[Job], most: int) -> list[Row]:
        return [job_row(bench, job, redaction) for job in [*jobs][:most]]

    return _short(
        [
            lane.name,
            [getattr(lane.counts, name) for name in _COUNTS],
            tenths(lane.oldest_enqueued_at),
            int(lane.oldest_is_sure),
            rows(lane.running, limits.RUNNING_ROWS),
            rows(lane.head, limits.HEAD_ROWS),
            rows(lane.failures, limits.FAILURE_ROWS),
            rows(lane.parked, limits.PARKED_ROWS),
            int(lane.parked_at_least or len(lane.parked) > limits.PARKED_ROWS) or None,
        ]
    )


def lane_of(row: Row, holds: Holds) -> Lane:
    name, counts, oldest, sure, running, head, failures, parked, at_least = _long(row, 9)

    def jobs(rows: list[Row] | None) -> tuple[Job, ...]:
        return tuple(job_of(each, name) for each in rows or ())

    return Lane(
        name=name,
        counts=Counts(**dict(zip(_COUNTS, counts, strict=False))),
        oldest_enqueued_at=moment(oldest),
        oldest_is_sure=bool(sure),
        running=jobs(running),
        head=jobs(head),
        failures=jobs(failures),
        parked=jobs(parked),
        parked_at_least=bool(at_least),
        paused=holds.get(place(QUEUE, name)),
    )


def job_row(bench: Bench, job: Job, redaction: Redaction) -> Row:
    """With what is secret by the job's policy hidden, too: a policy of later must not be needed to read it."""
    policy = bench.policies.of(job)
    if policy and policy.sensitive:
        redaction = redaction.hiding(policy.sensitive)
    call, error = job.call, job.error
    return _short(
        [
            job.id,
            call.method,
            job.status,
            call.site,
            call.user,
            tenths(job.enqueued_at),
            tenths(job.started_at),
            tenths(job.ended_at),
            job.worker,
            job.timeout_s,
            job.attempt if job.attempt > 1 else None,
            redaction.text(call.label, limits.TEXT_CHARS) if call.label != call.method else None,
            call.kind if call.kind != "method" else None,
            error and [error.type, redaction.text(error.message, limits.TEXT_CHARS)],
            _progress_row(job.progress, redaction),
        ]
    )


def job_of(row: Row, queue: str) -> Job:
    (
        job_id,
        method,
        status,
        site,
        user,
        enqueued,
        started,
        ended,
        worker,
        timeout_s,
        attempt,
        label,
        kind,
        error,
        progress,
    ) = _long(row, 15)
    return Job(
        id=job_id,
        queue=queue,
        status=status,
        call=Call(method, label or method, kind or "method", site, user),
        enqueued_at=moment(enqueued),
        started_at=moment(started),
        ended_at=moment(ended),
        timeout_s=timeout_s,
        attempt=attempt or 1,
        worker=worker,
        error=Failure(*error) if error else None,
        progress=_progress_of(progress),
    )


def _progress_row(found: Progress | None, redaction: Redaction) -> Row | None:
    if found is None:
        return None
    parked = found.parked
    return [
        found.done,
        found.total,
        redaction.text(found.text, limits.TEXT_CHARS),
        tenths(found.at),
        parked and [parked.by, tenths(parked.at), redaction.text(parked.reason), parked.until, parked.place],
    ]


def _progress_of(row: Row | None) -> Progress | None:
    if row is None:
        return None
    done, total, text, at, parked = row
    if parked:
        by, since, reason, until, where = parked
        return Progress(done, total, text, moment(at), parked=Parked(by, moment(since), reason, until, where))
    return Progress(done, total, text, moment(at))


def worker_row(worker: Worker) -> Row:
    """Its heartbeat to ten seconds, as it is written anew with each one."""
    beat = tenths(worker.heartbeat_at)
    died = worker.died
    return _short(
        [
            worker.name,
            worker.state,
            list(worker.queues),
            worker.job_id,
            worker.host,
            worker.pid,
            tenths(worker.born_at),
            None if beat is None else beat // 100 * 100,
            tenths(worker.draining_since),
            int(worker.obeys) or None,
            int(worker.unregistered) or None,
            died and [died.host, died.pid, tenths(died.at)],
            worker.version,
            worker.python_version,
            worker.measured and _measured_row(worker.measured),
        ]
    )


def worker_of(row: Row, holds: Holds) -> Worker:
    name, state, queues, job_id, host, pid, born, beat, draining, obeys, unregistered, died, *more = _long(row, 15)
    version, python_version, measured = more
    return Worker(
        name=name,
        state=state,
        queues=tuple(queues),
        job_id=job_id,
        host=host,
        pid=pid,
        version=version,
        python_version=python_version,
        born_at=moment(born),
        heartbeat_at=moment(beat),
        draining_since=moment(draining),
        obeys=bool(obeys),
        unregistered=bool(unregistered),
        died=_death_of(died),
        quiet=holds.get(place(WORKER, name)),
        measured=_measured_of(measured),
    )


def _measured_row(found: Measured) -> Row:
    """To a megabyte and a millisecond: what it says is then the same for most of the time."""
    horse = found.horse_rss_bytes
    return [_megabytes(found.rss_bytes), None if horse is None else _megabytes(horse), round(found.round_trip_s * 1000)]


def _measured_of(row: Row | None) -> Measured | None:
    if row is None:
        return None
    own, horse, milliseconds = row
    return Measured(own * 10**6, None if horse is None else horse * 10**6, milliseconds / 1000)


def _megabytes(size: int) -> int:
    return round(size / 10**6)


def _death_of(row: Row | None) -> Death | None:
    if row is None:
        return None
    host, pid, at = row
    return Death(host, pid, sure(at), "", 0, sure(at), run_alive=False)


def hold_row(hold: Hold, redaction: Redaction) -> Row:
    reason = redaction.text(hold.reason)
    return [hold.kind, hold.name, hold.by, reason, tenths(hold.at), tenths(hold.until)]


def hold_of(row: Row) -> Hold:
    kind, name, by, reason, at, until = row
    return Hold(kind, name, by, reason, sure(at), sure(until))


def _short(row: Row) -> Row:
    """Without what is not there at its end."""
    while row and row[-1] is None:
        row.pop()
    return row


def _long(row: Row, length: int) -> Row:
    """A row of a newer version may have more."""
    return [*row, *[None] * (length - len(row))][:length]
