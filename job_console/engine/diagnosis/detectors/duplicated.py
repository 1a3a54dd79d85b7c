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
from ...messages import Message, _, listed
from ...models.bench import Bench, Lane, Repeated
from ...models.jobs import Job
from ...models.warnings import Warning
from ...wording import duration, many, name
from .. import job_states

_BEGUN = ("started", "finished", "failed", "stopped", "canceled")


def detect(bench: Bench) -> Iterator[Warning]:
    yield from _same_work(bench)
    for lane, job, message, at_once in _two_runs(bench):
        runs = {"job_runs": True} if at_once else {}
        yield Warning(
            code="duplicated",
            severity="warning",
            queue=lane.name,
            job_id=job.id,
            worker=job.worker if runs else None,
            site=job.site,
            since=job.enqueued_at,
            message=message,
            evidence={"method": job.call.method, "record": job.status, **runs},
            remedies=job_states.remedies(job_states.cell(job.status, ("queue",))) if job.status in _BEGUN else (),
            needs_proof=True,
        )


_AGAIN = _("{job} runs, and was enqueued again meanwhile: it will run once more from {lane}.")


def _two_runs(bench: Bench) -> Iterator[tuple[Lane, Job, str, bool]]:
    """Each job once: (where it is seen, the job, how, whether two run it at this moment)."""
    first_lane: dict[str, Lane] = {}
    for lane in bench.lanes:
        for job in lane.running:
            others = _taken_over_from(bench, job)
            if others:
                text = _("{job} runs twice at once: worker {worker} has taken it over, and {others} has not ended.")
                yield lane, job, text.format(job=name(job), worker=job.worker, others=others), True
            elif job.id in lane.twice:
                yield lane, job, _said(_("{job} runs twice at once in {lane}."), lane, job), True
            elif job.status == "queued" and job.id in {each.id for each in lane.head} and _is_run(bench, job):
                yield lane, job, _said(_AGAIN, lane, job), False
        for job in lane.head:
            elsewhere = first_lane.setdefault(job.id, lane)
            if elsewhere is not lane:
                text = _("{job} waits in {elsewhere} and in {lane}: it will run twice.")
                yield lane, job, text.format(job=name(job), elsewhere=elsewhere.label, lane=lane.label), False
            elif job.id in lane.twice:
                yield (
                    lane,
                    job,
                    _said(_("{job} stands several times in {lane}: it will run as often."), lane, job),
                    False,
                )
            elif job.status == "queued" and _is_run(bench, job) and all(each.id != job.id for each in lane.running):
                # Nothing notes its run: Redis has lost that, by a failover for one.
                yield lane, job, _said(_AGAIN, lane, job), False
            elif job.status in _BEGUN:
                text = _("{job} waits in {lane}, though its record says {status}: it will run once more.")
                yield lane, job, text.format(job=name(job), lane=lane.label, status=job.status), False


def _said(text: Message, lane: Lane, job: Job) -> str:
    return text.format(job=name(job), lane=lane.label)


def _taken_over_from(bench: Bench, job: Job) -> str:
    """The workers, besides the one that its record names, that still name it as theirs: they were taken for dead."""
    if job.status != "started" or not job.worker:
        return ""
    named = (each for each in bench.workers if each.alive and each.job_id == job.id and each.name != job.worker)
    return listed(sorted(each.name for each in named))


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
            message=_("{job} waits {times} with the same arguments, the first for {duration}.").format(
                job=name(job), times=_times(bench, repeated), duration=duration(waited)
            ),
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
    return many(repeated.count, _("{count:,} time"), _("{count:,} times"), at_least=_is_part(bench, repeated))
