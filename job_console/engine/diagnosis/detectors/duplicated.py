"""`duplicated`: the same work (method and arguments) waits several times, or one job is about to run twice.

Payloads are compared byte for byte, by their SHA-1, among the first jobs of each lane (`repeated`). Twice the same is
everyday; it is a warning when the same waits five times and the first of them for more than five minutes.

A job is about to run twice when its id stands twice in a lane or in two lanes, waits although it has begun or ended, or
is run by two at once: each is one record for two runs, and nothing of RQ's ever makes that right.

Wrong if: the same payload is meant to run that often, as with a job that takes the next of a list each time.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...look import limits as look_limits
from ...models.bench import Bench, Lane, Repeated
from ...models.jobs import Job
from ...models.warnings import Warning
from ...wording import duration, many, name
from .. import job_states

_BEGUN = ("started", "finished", "failed", "stopped", "canceled")


def detect(bench: Bench) -> Iterator[Warning]:
    yield from _same_work(bench)
    for lane, job, how in _two_runs(bench):
        runs = {"job_runs": True} if "at once" in how else {}
        yield Warning(
            code="duplicated",
            severity="warning",
            queue=lane.name,
            job_id=job.id,
            worker=job.worker if runs else None,
            site=job.site,
            since=job.enqueued_at,
            message=f"{name(job)} {how}.",
            evidence={"method": job.call.method, "record": job.status, **runs},
            remedies=job_states.remedies(job_states.cell(job.status, ("queue",))) if job.status in _BEGUN else (),
            needs_proof=True,
        )


def _two_runs(bench: Bench) -> Iterator[tuple[Lane, Job, str]]:
    """Each job once: (where it is seen, the job, how)."""
    first_lane: dict[str, Lane] = {}
    for lane in bench.lanes:
        for job in lane.running:
            others = _taken_over_from(bench, job)
            if others:
                yield (
                    lane,
                    job,
                    f"runs twice at once: worker {job.worker} has taken it over, and {others} has not ended",
                )
            elif job.id in lane.twice:
                yield lane, job, f"runs twice at once in {lane.label}"
            elif job.status == "queued" and job.id in {each.id for each in lane.head} and _is_run(bench, job):
                yield lane, job, f"runs, and was enqueued again meanwhile: it will run once more from {lane.label}"
        for job in lane.head:
            elsewhere = first_lane.setdefault(job.id, lane)
            if elsewhere is not lane:
                yield lane, job, f"waits in {elsewhere.label} and in {lane.label}: it will run twice"
            elif job.id in lane.twice:
                yield lane, job, f"stands several times in {lane.label}: it will run as often"
            elif job.status in _BEGUN:
                yield lane, job, f"waits in {lane.label}, though its record says {job.status}: it will run once more"


def _taken_over_from(bench: Bench, job: Job) -> str:
    """The workers, besides the one that its record names, that still name it as theirs: they were taken for dead."""
    if job.status != "started" or not job.worker:
        return ""
    named = (each for each in bench.workers if each.alive and each.job_id == job.id and each.name != job.worker)
    return " and ".join(sorted(each.name for each in named))


def _is_run(bench: Bench, job: Job) -> bool:
    return any(worker.alive and worker.job_id == job.id for worker in bench.workers)


def _same_work(bench: Bench) -> Iterator[Warning]:
    for repeated in bench.repeated:
        waited = (bench.at - repeated.since).total_seconds()
        if repeated.count < look_limits.DUPLICATES or waited <= look_limits.DUPLICATES_WAIT_S:
            continue
        job = repeated.job
        yield Warning(
            code="duplicated",
            severity="info",
            queue=repeated.queue,
            job_id=job.id,
            site=job.site,
            since=repeated.since,
            message=f"{name(job)} waits {_times(bench, repeated)} with the same arguments, "
            f"the first for {duration(waited)}.",
            evidence={
                "method": job.call.method,
                "copies": repeated.count,
                "compared": repeated.of,
                "at_least": _is_part(bench, repeated),
            },
            needs_proof=True,
            about=repeated.digest,
        )


def _is_part(bench: Bench, repeated: Repeated) -> bool:
    """The first of a lane are compared: there may be more of the same behind them."""
    lane = bench.lane(repeated.queue)
    return lane is not None and lane.counts.queued > repeated.of


def _times(bench: Bench, repeated: Repeated) -> str:
    return many(repeated.count, "time", at_least=_is_part(bench, repeated))
