"""Before a deploy: what still blocks, and when it is safe. Pure.

A drain is a suspension (`rq:suspended`, with an end and a reason): nothing new starts, what runs goes on. It is safe
when nothing runs, and nothing is between its queue and its run. What a worker says is asked, and what stands among the
running ones: either may be late. A job that is proven to be lost (its worker is dead) has no process: it blocks
nothing, and is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..look import limits as look_limits
from ..messages import _, joined
from ..models.bench import Bench, Lane
from ..models.jobs import Job
from ..models.workers import Worker
from ..scope import Scope
from ..wording import duration, many, name
from . import losses

#: Rows of a report; the rest is counted.
ROWS = 50


@dataclass(frozen=True, slots=True)
class Block:
    """A job that is not over."""

    job: Job
    #: It was taken from its queue, and has not begun.
    taken: bool = False
    ran_s: float | None = None
    #: Until it usually ends; None: no telling.
    left_s: float | None = None
    #: Until its timeout ends it; None: it has none.
    most_s: float | None = None


@dataclass(frozen=True, slots=True)
class Drain:
    draining: bool
    safe: bool
    blocks: tuple[Block, ...]
    #: There may be more: of each lane so many are looked at.
    at_least: bool
    #: Busy workers that name no job.
    nameless: tuple[Worker, ...]
    #: Idle ones that do not obey: each may take one more job, when one comes.
    deaf: tuple[Worker, ...]
    #: They stand among the running ones, and nothing runs them.
    lost: tuple[Job, ...]
    waiting: int
    text: str
    #: Within which it is usually over, and at the latest: None: no telling.
    safe_in_s: float | None = None
    safe_within_s: float | None = None


def look(bench: Bench) -> Drain:
    blocks, lost = _blocks_and_lost(bench)
    named = {block.job.id for block in blocks} | {job.id for job in lost}
    alive = [worker for worker in bench.workers if worker.alive]
    nameless = tuple(worker for worker in alive if worker.state == "busy" and worker.job_id not in named)
    deaf = tuple(worker for worker in alive if worker.state == "idle" and not worker.obeys)
    cut = any(_is_cut(lane) for lane in bench.lanes)
    lefts, mosts = [block.left_s for block in blocks], [block.most_s for block in blocks]
    report = Drain(
        lost=lost,
        draining=bench.suspended,
        safe=bench.suspended and not blocks and not nameless,
        blocks=blocks,
        at_least=cut,
        nameless=nameless,
        deaf=deaf,
        waiting=sum(lane.counts.queued for lane in bench.lanes),
        text="",
        safe_in_s=_longest(lefts) if not (nameless or cut) else None,
        safe_within_s=_longest(mosts) if not (nameless or cut) else None,
    )
    return Drain(**{**_fields(report), "text": joined([*_sentences(bench, report)])})


def _fields(report: Drain) -> dict[str, Any]:
    return {each: getattr(report, each) for each in report.__slots__}


def _is_cut(lane: Lane) -> bool:
    more_run = lane.counts.started > look_limits.RUNNING_ROWS
    return more_run or len(lane.intermediate) >= look_limits.INTERMEDIATE_ROWS


def _longest(each: list[float | None]) -> float | None:
    known = [seconds for seconds in each if seconds is not None]
    return max(known, default=0.0) if len(known) == len(each) else None


def _blocks_and_lost(bench: Bench) -> tuple[tuple[Block, ...], tuple[Job, ...]]:
    """(what blocks, that which lasts longest first; what is lost)"""
    blocks: list[Block] = []
    lost: list[Job] = []
    for block in _blocks(bench):
        found = losses.about(block.job, bench.lost)
        if found is not None and losses.is_lost(found):
            lost.append(block.job)
        else:
            blocks.append(block)
    return tuple(sorted(blocks, key=lambda block: -(block.left_s or block.most_s or 0.0))), tuple(lost)


def _blocks(bench: Bench) -> Iterator[Block]:
    seen: set[str] = set()
    running = [job for lane in bench.lanes for job in lane.running]
    for job in (*running, *bench.held.values()):
        if job.id in seen or job.status not in ("started", "queued"):
            continue  # its record is further than the worker's
        seen.add(job.id)
        yield _block(bench, job)
    for lane in bench.lanes:
        for job in lane.intermediate:
            if job.id not in seen:
                seen.add(job.id)
                yield Block(job, taken=True)


def _block(bench: Bench, job: Job) -> Block:
    ran, usual = job.elapsed_s(bench.at), bench.usual.get(job.call.method)
    usually = usual.median_s if usual else None
    most = job.timeout_s if job.timeout_s and job.timeout_s > 0 else None
    if ran is None:
        return Block(job, taken=job.status == "queued", left_s=usually, most_s=most)
    left = usually - ran if usually is not None and usually > ran else None
    reported = job.progress.left_s(bench.at) if job.progress else None
    return Block(
        job, False, ran, reported if reported is not None else left, max(most - ran, 0.0) if most is not None else None
    )


def _sentences(bench: Bench, report: Drain) -> Iterator[str]:
    running = len(report.blocks) + len(report.nameless)
    if not report.draining:
        yield _("The bench takes new work: a drain has not begun.")
        if running and report.at_least:
            yield _("At least {count:,} jobs run now.").format(count=running)
        elif running:
            yield many(running, _("{count:,} job runs now."), _("{count:,} jobs run now."))
        else:
            yield _("Nothing runs at this moment.")
    elif report.safe:
        yield _("It is safe: nothing runs, and no worker takes new work.")
    else:
        if report.at_least:
            yield _("Not safe yet: at least {count:,} jobs still run.").format(count=running)
        else:
            still = (_("Not safe yet: {count:,} job still runs."), _("Not safe yet: {count:,} jobs still run."))
            yield many(running, *still)
        if report.safe_in_s is not None:
            yield _("They usually end within {duration}.").format(duration=duration(report.safe_in_s))
        elif report.safe_within_s is not None:
            yield _("At the latest their timeouts end them within {duration}.").format(
                duration=duration(report.safe_within_s)
            )
        else:
            yield _("No telling when they end.")
    if report.lost:
        yield many(
            len(report.lost),
            _(
                "{count:,} job is lost: its record says that it runs, and nothing runs it. "
                "A deploy need not wait for it."
            ),
            _(
                "{count:,} jobs are lost: their records say that they run, and nothing runs them. "
                "A deploy need not wait for them."
            ),
        )
    if report.draining and report.deaf:
        yield many(
            len(report.deaf),
            _(
                "{count:,} idle worker takes one more job if one comes: it was waiting for it before, and does not run "
                "Job Console."
            ),
            _(
                "{count:,} idle workers take one more job each if one comes: they were waiting for it before, and do "
                "not run Job Console."
            ),
        )
    if report.waiting:
        yield many(
            report.waiting,
            _("{count:,} job waits, and will after the deploy."),
            _("{count:,} jobs wait, and will after the deploy."),
        )
    if report.draining and bench.suspended_until is not None:
        left = duration(max((bench.suspended_until - bench.at).total_seconds(), 0.0))
        yield _("Workers take work again in {left}, or when it is ended.").format(left=left)


def to_json(report: Drain, scope: Scope, bench: Mapping[str, Any]) -> dict[str, Any]:
    """`bench`: who suspended it and until when, as the snapshot has it. Other sites' jobs are not named."""
    return {
        **bench,
        "draining": report.draining,
        "safe": report.safe,
        "text": report.text,
        "safe_in_s": _rounded(report.safe_in_s),
        "safe_within_s": _rounded(report.safe_within_s),
        "blocks": [_row(block, scope) for block in report.blocks[:ROWS]],
        "blocks_total": len(report.blocks),
        "blocks_at_least": report.at_least,
        "lost": [_job_row(job, scope) for job in report.lost[:ROWS]],
        "nameless": [worker.name for worker in report.nameless],
        "deaf": [worker.name for worker in report.deaf],
        "waiting": report.waiting,
    }


def _row(block: Block, scope: Scope) -> dict[str, Any]:
    return {
        **_job_row(block.job, scope),
        "taken": block.taken,
        "ran_s": _rounded(block.ran_s),
        "left_s": _rounded(block.left_s),
        "most_s": _rounded(block.most_s),
    }


def _job_row(job: Job, scope: Scope) -> dict[str, Any]:
    mine = scope.owns(job)
    return {
        "job_id": job.id if mine else None,
        "label": name(job) if mine else _("a job of another site"),
        "queue": job.queue,
        "worker": job.worker,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
