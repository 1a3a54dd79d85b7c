"""What failed lately and what succeeded since, from all that knows of it.

RQ's registries know killed jobs and need no hooks of ours; our own record (`failures_log`) and the statistics know what
Frappe deletes or hides. Read beside the snapshot, every few seconds, in two to seven round trips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from . import ends, failures_log, keys, limits, statistics
from .detectors.killed import KILLS
from .link import Redis, pipelined
from .models import Bench, FailedRun, Job
from .reader import JobReader
from .records import text
from .stacks import remains


def failed(redis: Redis, reader: JobReader, bench: Bench) -> tuple[FailedRun, ...]:
    """Failures of the last hour, newest first; at most `limits.FAILED_ROWS` of each lane's registry."""
    ours = [run for run in failures_log.since(redis, bench.at, limits.KILLED_LATELY_S) if _of(bench, run)]
    known = {(run.job_id, round(run.at.timestamp() / 10)) for run in ours}
    lanes = [lane.name for lane in bench.lanes if lane.counts.failed]
    theirs = [
        run
        for run in _runs(redis, _newest(redis, reader, "failed", lanes, limits.FAILED_ROWS))
        if (bench.at - run.at).total_seconds() <= limits.KILLED_LATELY_S
        # The hook ends a moment before RQ writes `ended_at`: the same ten seconds, or the next.
        and not known & {(run.job_id, round(run.at.timestamp() / 10) - step) for step in (0, 1)}
    ]
    return tuple(_not_made_good(reader, sorted([*ours, *theirs], key=lambda run: run.at, reverse=True)))


def _not_made_good(reader: JobReader, runs: Sequence[FailedRun]) -> Iterator[FailedRun]:
    """Without those whose id ran again since and ended well. One round trip more, when something failed."""
    ids = list(dict.fromkeys(run.job_id for run in runs))[: limits.MADE_GOOD_IDS]
    well = {job.id: job.ended_at for job in reader.read(ids) if made_good(job)}
    for run in runs:
        ended_at = well.get(run.job_id)
        if ended_at is None or ended_at <= run.at:
            yield run


def made_good(job: Job) -> bool:
    """Its last run ended well, in truth: what Frappe's wrapper swallowed is its error."""
    return job.status == "finished" and job.error is None


def succeeded_at(
    redis: Redis, reader: JobReader, bench: Bench, failures: Iterable[FailedRun]
) -> dict[tuple[str | None, str], datetime]:
    """When what fails again and again last succeeded, by site and method. Asks nothing when nothing does."""
    lately = [run for run in failures if (bench.at - run.at).total_seconds() <= limits.CRASH_LOOP_S]
    counts = Counter(_whose(run) for run in lately)
    failing = {whose for whose, count in counts.items() if count >= limits.CRASH_LOOP_RUNS}
    if not failing:
        return {}
    found = statistics.succeeded_at(redis, failing, bench.at, limits.CRASH_LOOP_S)
    lanes = {run.queue for run in lately if _whose(run) in failing}
    for lane in bench.lanes:
        if lane.name not in lanes or not lane.counts.finished:
            continue
        finished = _newest(redis, reader, "finished", [lane.name], limits.FINISHED_ROWS)
        ends = [((job.site, job.call.method), job.ended_at) for job in finished if job.ended_at]
        for whose, at in ends:
            found[whose] = max(found.get(whose, at), at)
        if lane.counts.finished > limits.FINISHED_ROWS and ends:
            _doubt(found, lately, lane.name, min(at for _of_whom, at in ends))
    return found


def _whose(run: FailedRun) -> tuple[str | None, str]:
    return run.site, run.method


def _doubt(
    found: dict[tuple[str | None, str], datetime], failures: Sequence[FailedRun], queue: str, read_since: datetime
) -> None:
    """What finished before that was not read. Failures since then must be enough, or it may have been a success."""
    for whose in {_whose(run) for run in failures if run.queue == queue} - found.keys():
        seen = [run for run in failures if _whose(run) == whose and run.at >= read_since]
        if len(seen) < limits.CRASH_LOOP_RUNS:
            found[whose] = read_since


def _of(bench: Bench, run: FailedRun) -> bool:
    return run.queue is not None and bench.lane(run.queue) is not None


def _newest(redis: Redis, reader: JobReader, status: str, lanes: Sequence[str], rows: int) -> list[Job]:
    if not lanes:
        return []
    pipeline = pipelined(redis)
    for name in lanes:
        pipeline.zrevrange(keys.registry(status, name), 0, rows - 1)
    ids = [text(member) or "" for members in pipeline.execute() for member in members]
    found = [job for job in reader.read(list(dict.fromkeys(ids))) if job.status == status]
    return _with_ends(redis, found)


def _with_ends(redis: Redis, jobs: list[Job]) -> list[Job]:
    """Of those that RQ 1's maintenance failed, too."""
    unknown = ends.unknown(jobs)
    if not unknown:
        return jobs
    pipeline = pipelined(redis)
    ends.ask(pipeline, unknown)
    told = {job.id: job for job in ends.told(unknown, pipeline.execute())}
    return [told.get(job.id, job) for job in jobs]


def _runs(redis: Redis, jobs: Sequence[Job]) -> Iterator[FailedRun]:
    """With what was last seen of those that were killed, whose own hooks said nothing any more."""
    failed = [(job, job.ended_at, job.error) for job in jobs if job.ended_at is not None and job.error is not None]
    killed = [job for job, _ended_at, error in failed if error.type in KILLS]
    left = remains.read(redis, [(job.id, job.started_at) for job in killed])
    seen = dict(zip((job.id for job in killed), left, strict=True))
    for job, ended_at, error in failed:
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
