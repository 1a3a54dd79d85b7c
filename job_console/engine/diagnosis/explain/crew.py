"""Who serves a lane, what keeps them busy, and what they do first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...look.expected.foresee import silent
from ...models.bench import Bench, Lane, Worker
from ...models.jobs import Job
from ...wording import duration, many
from .. import limits
from ..detectors.no_workers import unknown_hands
from ..detectors.paused import said
from .case import Case, Reason


@dataclass(frozen=True, slots=True)
class Hand:
    """A worker of the lane, with what it runs."""

    worker: Worker
    job: Job | None = None
    #: Why no work can be expected of it.
    silent: str = ""

    @property
    def busy(self) -> bool:
        return self.worker.state == "busy" or self.job is not None


def hands(case: Case) -> list[Hand]:
    """The workers that serve the job's lane, as far as their records live."""
    stale = silent(case.warnings)
    serving = [w for w in case.bench.workers if case.job.queue in w.queues and w.state != "gone"]
    return [
        Hand(worker, _running(case.bench, worker), stale.get(worker.name, "") or _leaves(case, worker))
        for worker in serving
    ]


def _leaves(case: Case, worker: Worker) -> str:
    """The sentence about a worker that was asked to stop."""
    if worker.takes_work:
        return ""
    if worker.quiet is not None:
        return f"Worker {worker.name} is told to take no work {said(case.bench, worker.quiet)}"
    reported = case.ago(worker.draining_since)
    return f"Worker {worker.name} was told to stop{reported}: it finishes its job, and takes no more."


def _running(bench: Bench, worker: Worker) -> Job | None:
    """With its lease, where a lane's rows have it."""
    rows = (job for lane in bench.lanes for job in lane.running if job.id == worker.job_id)
    return next(rows, bench.held.get(worker.job_id or ""))


def missing(case: Case, crew: Sequence[Hand]) -> list[Reason]:
    """Why nobody will take the job, worker by worker; empty when somebody will."""
    if not crew:
        if unknown := unknown_hands(case.bench):
            return [_may_serve(case, unknown)]
        elsewhere = [worker for worker in case.bench.workers if worker.state != "gone"]
        others = f" The bench has {many(len(elsewhere), 'worker')}, for {_lanes(elsewhere)}." if elsewhere else ""
        return [
            Reason(
                f"No worker serves {case.lane_label}.{others or ' The whole bench has none.'}",
                {"lane": case.job.queue, "workers_elsewhere": len(elsewhere)},
            )
        ]
    return [
        Reason(hand.silent, {"worker": hand.worker.name, "host": hand.worker.host, "pid": hand.worker.pid})
        for hand in crew
        if hand.silent
    ]


def _may_serve(case: Case, unknown: Sequence[Worker]) -> Reason:
    who = f"Worker {unknown[0].name} is" if len(unknown) == 1 else f"{many(len(unknown), 'worker')} are"
    text = (
        f"{who} busy in another lane; Redis has lost which lanes it serves, and {case.lane_label} may be one of them."
    )
    return Reason(text, {"lane": case.job.queue, "workers": [worker.name for worker in unknown]})


def _lanes(workers: Sequence[Worker]) -> str:
    names = dict.fromkeys(queue.rpartition(":")[2] for worker in workers for queue in worker.queues)
    return enumerated(list(names))


def occupied(case: Case, crew: Sequence[Hand]) -> list[Reason]:
    """What the living workers do, when all of them are busy; else that one is free."""
    crew = [hand for hand in crew if not hand.silent]
    if not crew:
        return []
    idle = [hand for hand in crew if not hand.busy]
    if idle:
        text = f"{many(len(idle), 'worker')} of {case.lane_label} {'is' if len(idle) == 1 else 'are'} free."
        return [Reason(text, {"idle": [hand.worker.name for hand in idle]})]
    longest = sorted(crew, key=lambda hand: -(_ran(case, hand) or 0.0))
    named = [_occupation(case, hand) for hand in longest[: limits.NAMED_WORKERS]]
    rest = len(longest) - len(named)
    if rest:
        named.append(many(rest, "other job"))
    evidence = [
        {"worker": hand.worker.name, "job_id": _visible_id(case, hand), "ran_s": _ran(case, hand)} for hand in longest
    ]
    return [Reason(f"{_all(crew, case.lane_label)} busy: with {enumerated(named)}.", {"busy": evidence})]


def _all(crew: Sequence[Hand], lane: str) -> str:
    counted = {1: f"The only worker of {lane} is", 2: f"Both workers of {lane} are"}
    return counted.get(len(crew), f"All {len(crew)} workers of {lane} are")


def _occupation(case: Case, hand: Hand) -> str:
    if hand.job is None:
        return "a job that it does not name"
    ran, usual = _ran(case, hand), case.bench.usual.get(hand.job.call.method)
    known = usual is not None and usual.median_s is not None and case.scope.owns(hand.job)
    usually = f" (usually {duration(usual.median_s)})" if usual and usual.median_s is not None and known else ""
    return f"{case.name_of(hand.job)}{f' for {duration(ran)}' if ran is not None else ''}{usually}"


def _ran(case: Case, hand: Hand) -> float | None:
    return hand.job.elapsed_s(case.now) if hand.job else None


def _visible_id(case: Case, hand: Hand) -> str | None:
    return hand.job.id if hand.job and case.scope.owns(hand.job) else None


def preferences(case: Case, crew: Sequence[Hand]) -> list[Reason]:
    """Work of other lanes that these workers take before that of this one."""
    before: dict[str, int] = {}
    for hand in crew:
        for lane in preferred(case.bench, hand.worker, case.job.queue):
            before[lane.name] = before.get(lane.name, 0) + 1
    found = [(lane, before[lane.name]) for lane in case.bench.lanes if lane.name in before and lane.counts.queued]
    if not found:
        return []
    waiting = enumerated([f"{lane.label}, where {many(lane.counts.queued, 'job')} wait" for lane, _count in found])
    everyone = all(count == len(crew) for _lane, count in found)
    who = ("It takes" if len(crew) == 1 else "They take") if everyone else "Some of them take"
    return [Reason(f"{who} work of {waiting}, first.", {lane.name: lane.counts.queued for lane, _count in found})]


def preferred(bench: Bench, worker: Worker, queue: str) -> list[Lane]:
    """The lanes that this worker empties before it looks at `queue`: RQ asks them in the order of its command line."""
    names = worker.queues[: worker.queues.index(queue)] if queue in worker.queues else ()
    return [lane for lane in map(bench.lane, names) if lane is not None]


def enumerated(items: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1]))) if items else ""
