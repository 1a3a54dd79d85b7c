"""Who serves a lane, what keeps them busy, and what they do first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...look.expected.forecast import silent
from ...messages import Message, _, joined, listed
from ...models.bench import Bench, Lane
from ...models.jobs import Job
from ...models.workers import Worker
from ...wording import duration, many
from .. import limits
from ..detectors.no_workers import called, workers_of_unknown_lanes
from ..detectors.paused import said
from .case import Case, Reason


@dataclass(frozen=True, slots=True)
class LaneWorker:
    """A worker of the lane, with what it runs."""

    worker: Worker
    job: Job | None = None
    #: Why no work can be expected of it.
    silent: str = ""

    @property
    def busy(self) -> bool:
        return self.worker.state == "busy" or self.job is not None


def of_lane(case: Case) -> list[LaneWorker]:
    """The workers that serve the job's lane, as far as their records live."""
    stale = silent(case.warnings)
    alive = [w for w in case.bench.workers if case.job.queue in w.queues and w.state != "gone"]
    return [
        LaneWorker(worker, _running(case.bench, worker), stale.get(worker.name, "") or _leaves(case, worker))
        for worker in alive
    ]


def _leaves(case: Case, worker: Worker) -> str:
    """The sentence about a worker that was asked to stop."""
    if worker.takes_work:
        return ""
    if worker.quiet is not None:
        return _("Worker {worker} is told to take no work {said}").format(
            worker=worker.name, said=said(case.bench, worker.quiet)
        )
    reported = case.ago(worker.draining_since)
    return _("Worker {worker} was told to stop {reported}: it finishes its job, and takes no more.").format(
        worker=worker.name, reported=reported
    )


def _running(bench: Bench, worker: Worker) -> Job | None:
    """With its lease, where a lane's rows have it."""
    rows = (job for lane in bench.lanes for job in lane.running if job.id == worker.job_id)
    return next(rows, bench.held.get(worker.job_id or ""))


def missing(case: Case, serving: Sequence[LaneWorker]) -> list[Reason]:
    """Why nobody will take the job, worker by worker; empty when somebody will."""
    if not serving:
        if unknown := workers_of_unknown_lanes(case.bench):
            return [_may_serve(case, unknown)]
        elsewhere = [worker for worker in case.bench.workers if worker.state != "gone"]
        if elsewhere:
            workers = many(len(elsewhere), _("{count:,} worker"), _("{count:,} workers"))
            others = _("The bench has {workers}, for {lanes}.").format(
                workers=workers, lanes=_lanes(case.bench, elsewhere)
            )
        else:
            others = _("The whole bench has none.")
        return [
            Reason(
                joined((_("No worker serves {lane}.").format(lane=called(case.bench, case.job.queue)), others)),
                {"lane": case.job.queue, "workers_elsewhere": len(elsewhere)},
            )
        ]
    return [
        Reason(each.silent, {"worker": each.worker.name, "host": each.worker.host, "pid": each.worker.pid})
        for each in serving
        if each.silent
    ]


def _may_serve(case: Case, unknown: Sequence[Worker]) -> Reason:
    text = _(
        "{count:,} workers are busy in another lane; Redis has lost which lanes it serves, and {lane} may be one of "
        "them."
    )
    if len(unknown) == 1:
        text = _(
            "Worker {worker} is busy in another lane; Redis has lost which lanes it serves, and {lane} may be one of "
            "them."
        )
    text = text.format(worker=unknown[0].name, count=len(unknown), lane=case.lane_label)
    return Reason(text, {"lane": case.job.queue, "workers": [worker.name for worker in unknown]})


def _lanes(bench: Bench, workers: Sequence[Worker]) -> str:
    names = dict.fromkeys(called(bench, queue) for worker in workers for queue in worker.queues)
    return listed(list(names))


def occupied(case: Case, serving: Sequence[LaneWorker]) -> list[Reason]:
    """What the living workers do, when all of them are busy; else that one is free."""
    serving = [each for each in serving if not each.silent]
    if not serving:
        return []
    idle = [each for each in serving if not each.busy]
    if idle:
        text = (
            _("{count:,} worker of {lane} is free.") if len(idle) == 1 else _("{count:,} workers of {lane} are free.")
        )
        text = text.format(count=len(idle), lane=case.lane_label)
        return [Reason(text, {"idle": [each.worker.name for each in idle]})]
    longest = sorted(serving, key=lambda each: -(_ran(case, each) or 0.0))
    named = [_occupation(case, each) for each in longest[: limits.NAMED_WORKERS]]
    rest = len(longest) - len(named)
    if rest:
        named.append(many(rest, _("{count:,} other job"), _("{count:,} other jobs")))
    evidence = [
        {"worker": each.worker.name, "job_id": _visible_id(case, each), "ran_s": _ran(case, each)} for each in longest
    ]
    return [
        Reason(
            _all(serving).format(lane=case.lane_label, count=len(serving), jobs=listed(named)),
            {"busy": evidence},
        )
    ]


def _all(serving: Sequence[LaneWorker]) -> Message:
    if len(serving) == 1:
        return _("The only worker of {lane} is busy: with {jobs}.")
    if len(serving) == 2:
        return _("Both workers of {lane} are busy: with {jobs}.")
    return _("All {count} workers of {lane} are busy: with {jobs}.")


def _occupation(case: Case, each: LaneWorker) -> str:
    if each.job is None:
        return _("a job that it does not name")
    ran, usual = _ran(case, each), case.bench.usual.get(each.job.call.method)
    known = usual is not None and usual.median_s is not None and case.scope.owns(each.job)
    usually = (
        _("(usually {duration})").format(duration=duration(usual.median_s))
        if usual and usual.median_s is not None and known
        else ""
    )
    text = _("{job} {usually}") if ran is None else _("{job} for {ran} {usually}")
    return text.format(job=case.name_of(each.job), ran="" if ran is None else duration(ran), usually=usually)


def _ran(case: Case, each: LaneWorker) -> float | None:
    return each.job.elapsed_s(case.now) if each.job else None


def _visible_id(case: Case, each: LaneWorker) -> str | None:
    return each.job.id if each.job and case.scope.owns(each.job) else None


def preferences(case: Case, serving: Sequence[LaneWorker]) -> list[Reason]:
    """Work of other lanes that these workers take before that of this one."""
    before: dict[str, int] = {}
    for each in serving:
        for lane in preferred(case.bench, each.worker, case.job.queue):
            before[lane.name] = before.get(lane.name, 0) + 1
    found = [(lane, before[lane.name]) for lane in case.bench.lanes if lane.name in before and lane.counts.queued]
    if not found:
        return []
    waiting = listed(
        [
            _("{lane}, where {jobs} wait").format(
                lane=lane.label, jobs=many(lane.counts.queued, _("{count:,} job"), _("{count:,} jobs"))
            )
            for lane, _count in found
        ]
    )
    everyone = all(count == len(serving) for _lane, count in found)
    if not everyone:
        text = _("Some of them take work of {waiting}, first.")
    elif len(serving) == 1:
        text = _("It takes work of {waiting}, first.")
    else:
        text = _("They take work of {waiting}, first.")
    return [
        Reason(
            text.format(waiting=waiting),
            {lane.name: lane.counts.queued for lane, _count in found},
        )
    ]


def preferred(bench: Bench, worker: Worker, queue: str) -> list[Lane]:
    """The lanes that this worker empties before it looks at `queue`: RQ asks them in the order of its command line."""
    names = worker.queues[: worker.queues.index(queue)] if queue in worker.queues else ()
    return [lane for lane in map(bench.lane, names) if lane is not None]
