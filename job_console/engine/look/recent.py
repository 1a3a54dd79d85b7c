"""Which runs failed lately, and which succeeded since, from all sources.

RQ's registries have killed jobs and need no hooks of ours; our own log (`failures_log`) and the statistics have what
Frappe deletes or hides. Read between the looks, every few seconds, in two to seven round trips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from ..history import failures_log, statistics
from ..models.bench import Bench, FailedRun, Lane
from ..models.ended_well import EndedWell
from ..models.jobs import Job
from ..redis import keys
from ..redis.link import Redis, if_allowed, pipelined
from ..retries import limits as retries_limits
from ..rq import endings
from ..rq import limits as rq_limits
from ..rq.records import ABANDONED, KILLS
from ..stacks import post_mortem
from . import limits
from .reader import JobReader


def failed(redis: Redis, reader: JobReader, bench: Bench) -> tuple[tuple[FailedRun, ...], dict[str, datetime]]:
    """(failures of the last hour, newest first; for lanes with more failures than were read, since when the list is
    complete). Of each lane's registry a few windows of `limits.FAILED_ROWS` are read.
    """
    recorded = if_allowed(lambda: failures_log.since(redis, bench.at, limits.KILLED_LATELY_S)) or []
    # One that lies ahead was written by a wrong clock: what RQ wrote of that job tells when it was at the earliest.
    latest = bench.at + timedelta(seconds=rq_limits.CLOCK_S)
    ours = [run for run in recorded if _of(bench, run) and run.at <= latest]
    known = {(run.job_id, round(run.at.timestamp() / 10)) for run in ours}
    lanes = [lane for lane in bench.lanes if lane.counts.failed]
    newest = _newest(redis, reader, "failed", lanes, bench, limits.FAILED_ROWS)
    theirs = [
        run
        for run in _runs(redis, _each_once(newest))
        if (bench.at - run.at).total_seconds() <= limits.KILLED_LATELY_S
        # The hook ends a moment before RQ writes `ended_at`: the same ten seconds, or the next.
        and not known & {(run.job_id, round(run.at.timestamp() / 10) - step) for step in (0, 1)}
    ]
    every = sorted([*ours, *theirs], key=lambda run: run.at, reverse=True)
    return tuple(_not_made_good(reader, every)), _read_since(lanes, newest)


def _not_made_good(reader: JobReader, runs: Sequence[FailedRun]) -> Iterator[FailedRun]:
    """The failures whose job has not succeeded since, in a later run of the same id. One round trip, none when nothing
    failed.
    """
    ids = list(dict.fromkeys(run.job_id for run in runs))[: limits.MADE_GOOD_IDS]
    well = {job.id: job.ended_at for job in reader.read(ids) if made_good(job)}
    for run in runs:
        ended_at = well.get(run.job_id)
        if ended_at is None or ended_at <= run.at:
            yield run


def made_good(job: Job) -> bool:
    """Whether the job's last run really succeeded: Frappe's wrapper swallows what a scheduled job raises, and then
    `job.error` has it.
    """
    return job.status == "finished" and job.error is None


def _read_since(lanes: Sequence[Lane], windows: Sequence[Sequence[Job]]) -> dict[str, datetime]:
    each = len(windows) // max(len(lanes), 1)
    own = {lane.name: windows[place * each : (place + 1) * each - 1] for place, lane in enumerate(lanes)}
    return {lane.name: endings.since_read(own[lane.name]) for lane in lanes if lane.counts.failed > limits.FAILED_ROWS}


def succeeded_at(
    redis: Redis, reader: JobReader, bench: Bench, failures: Iterable[FailedRun]
) -> dict[tuple[str | None, str], datetime]:
    """When each method that fails repeatedly last succeeded, by site and method. No round trip when none does."""
    lately = [run for run in failures if (bench.at - run.at).total_seconds() <= retries_limits.CRASH_LOOP_S]
    counts = Counter(_whose(run) for run in lately)
    failing = {whose for whose, count in counts.items() if count >= retries_limits.CRASH_LOOP_RUNS}
    if not failing:
        return {}
    found = if_allowed(lambda: statistics.succeeded_at(redis, failing, bench.at, retries_limits.CRASH_LOOP_S)) or {}
    lanes = {run.queue for run in lately if _whose(run) in failing}
    for lane in bench.lanes:
        if lane.name not in lanes or not lane.counts.finished:
            continue
        windows = _newest(redis, reader, "finished", [lane], bench, limits.FINISHED_ROWS)
        ends = [((job.site, job.call.method), job.ended_at) for job in _each_once(windows) if job.ended_at]
        for whose, at in ends:
            found[whose] = max(found.get(whose, at), at)
        if lane.counts.finished > limits.FINISHED_ROWS and ends:
            _doubt(found, lately, lane.name, endings.since_read(windows[:-1]))
    return found


def ended_well(redis: Redis, reader: JobReader, bench: Bench, failures: Iterable[FailedRun]) -> EndedWell:
    """How many runs succeeded in the time that the failures cover. Reads only when there are enough failures."""
    since = bench.at - timedelta(seconds=limits.BURST_S)
    lately = [run for run in failures if run.at >= since]
    if len(lately) < limits.BURST_FAILED:
        return EndedWell(bench.at)
    ends: list[tuple[str | None, datetime]] = []
    for lane in bench.lanes:
        failed = [run.at for run in lately if run.queue == lane.name]
        if len(failed) >= limits.FAILED_ROWS:
            since = max(since, min(failed))
        if failed and lane.counts.finished:
            windows = _newest(redis, reader, "finished", [lane], bench, limits.FINISHED_ROWS)
            if lane.counts.finished > limits.FINISHED_ROWS:
                since = max(since, endings.since_read(windows[:-1]))
            ends += [(job.site, job.ended_at) for job in _each_once(windows) if job.ended_at]
    counted = if_allowed(lambda: statistics.ended_well(redis, since, bench.at)) or 0
    return EndedWell(since, Counter(site for site, at in ends if at >= since), counted)


def _whose(run: FailedRun) -> tuple[str | None, str]:
    return run.site, run.method


def _doubt(
    found: dict[tuple[str | None, str], datetime], failures: Sequence[FailedRun], queue: str, read_since: datetime
) -> None:
    """Successes before `read_since` were not read. A method of this lane without enough failures since then may have
    succeeded before, and is counted as succeeded at that time.
    """
    for whose in {_whose(run) for run in failures if run.queue == queue} - found.keys():
        seen = [run for run in failures if _whose(run) == whose and run.at >= read_since]
        if len(seen) < retries_limits.CRASH_LOOP_RUNS:
            found[whose] = read_since


def _of(bench: Bench, run: FailedRun) -> bool:
    return run.queue is not None and bench.lane(run.queue) is not None


def _newest(
    redis: Redis, reader: JobReader, status: str, lanes: Sequence[Lane], bench: Bench, rows: int
) -> list[list[Job]]:
    """What ended last in these lanes, window by window. Reads again when the records have other times to live than were
    known.
    """
    kept = reader.kept.of(status)
    found = _windows(redis, reader, status, lanes, bench, rows)
    if reader.kept.of(status) != kept:
        found = _windows(redis, reader, status, lanes, bench, rows)
    return found


def _windows(
    redis: Redis, reader: JobReader, status: str, lanes: Sequence[Lane], bench: Bench, rows: int
) -> list[list[Job]]:
    pipeline = pipelined(redis)
    asked = endings.windows(status, bench.at, rows, reader.kept.of(status))
    for lane in lanes:
        registry = keys.registry(status, lane.name)
        for command, window in asked:
            getattr(pipeline, command)(registry, *window)
    for lane in lanes:
        endings.ask_some(pipeline, keys.registry(status, lane.name), getattr(lane.counts, status))
    answers = [endings.entries([answer]) for answer in pipeline.execute()]
    ids = list(dict.fromkeys(job_id for answer in answers for job_id in answer))
    jobs = {job.id: job for job in reader.read(ids) if job.status == status}
    return [
        [
            endings.in_time(endings.dated(jobs[job_id], score), bench.at)
            for job_id, score in answer.items()
            if job_id in jobs
        ]
        for answer in answers[: len(asked) * len(lanes)]
    ]


def _dated(job: Job, score: float, now: datetime) -> Job:
    return endings.in_time(endings.dated(job, score), now)


def _each_once(windows: Iterable[Iterable[Job]]) -> list[Job]:
    return list({job.id: job for jobs in windows for job in jobs}.values())


def _ended_well(redis: Redis, abandoned: Sequence[Job]) -> set[str]:
    """Those whose run ended well and was called abandoned after that: RQ had left it among the running ones."""
    if not abandoned:
        return set()
    pipeline = pipelined(redis)
    for job in abandoned:
        since = round(job.started_at.timestamp() * 1000) if job.started_at else "+"
        pipeline.xrevrange(keys.results(job.id), "+", since, count=rq_limits.RUNS_KEPT)
    answers = pipeline.execute(raise_on_error=False)
    return {
        job.id
        for job, answer in zip(abandoned, answers, strict=True)
        if not isinstance(answer, Exception) and any(fields.get(b"type") == b"1" for _entry, fields in answer)
    }


def _runs(redis: Redis, jobs: Sequence[Job]) -> Iterator[FailedRun]:
    """The failures, with the last sample of each process that was killed, as its hooks could write nothing."""
    failed = [(job, job.ended_at, job.error) for job in jobs if job.ended_at is not None and job.error is not None]
    killed = [job for job, _ended_at, error in failed if error.type in KILLS]
    left = if_allowed(lambda: post_mortem.read(redis, [(job.id, job.started_at) for job in killed])) or [None] * len(
        killed
    )
    seen = dict(zip((job.id for job in killed), left, strict=True))
    well = _ended_well(redis, [job for job in killed if job.error and job.error.type == ABANDONED])
    for job, ended_at, error in failed:
        if job.id in well:
            continue
        yield FailedRun(
            method=job.call.method if not job.call.broken else job.id,
            job_id=job.id,
            at=ended_at,
            type=error.type,
            message=error.message,
            queue=job.queue,
            site=job.site,
            progress=job.progress,
            scheduled=job.call.kind == "scheduled",
            remains=seen.get(job.id),
        )
