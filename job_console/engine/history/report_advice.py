"""What to change after a week: each piece of advice names the figures that it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..messages import Message, _
from ..wording import duration, lasted
from .report import Method, Queue, Report

#: Fewer failures than this are no habit, and neither is a smaller share of the runs.
FAILURES, FAILED_SHARE = 10, 0.2
TIMEOUTS = 3
#: A method that has become dearer: at least so much of the workers' time, and so many times what it took before.
GROWN_S, GROWN_TIMES, RUNS_BEFORE = 1800.0, 2.0, 10
#: One job in ten waits this long: too long where others hold the lane up, and where all workers are busy.
HELD_UP_S, QUEUED_S = 30.0, 60.0
#: Who holds a lane up: a run of it takes so long, and it so large a share of what the lane's runs took.
LONG_RUN_S, LANE_SHARE = 60.0, 0.3
BUSY_SHARE = 0.7
MOST = 10


@dataclass(frozen=True, slots=True)
class Advice:
    code: str
    #: A method, or a queue in full.
    about: str
    text: Message
    todo: Message


def advice(report: Report) -> list[Advice]:
    """The most urgent first: what fails, what waits, what has become dearer."""
    found: list[Advice] = []
    for method in report.failed_most:
        found += _fails(method)
    for queue in report.queues:
        found += _waits(report, queue)
    for method in report.grew:
        found += _grew(method)
    return found[:MOST]


def _fails(method: Method) -> Iterator[Advice]:
    now = method.now
    if now.failed >= FAILURES and now.failed / now.runs >= FAILED_SHARE:
        text = _("{method} failed in {failed:,} of {runs:,} runs.")
        todo = _("Failures has them in groups by their cause: mend the largest, and retry the group.")
        yield Advice(
            "fails_often", method.name, text.format(method=method.name, failed=now.failed, runs=now.runs), todo
        )
    if now.timed_out >= TIMEOUTS:
        text = _("{method} was ended by its timeout {count:,} times.")
        todo = _(
            "A Job Policy gives it a longer timeout; what takes as long as there are rows is better cut into chunks."
        )
        yield Advice("times_out", method.name, text.format(method=method.name, count=now.timed_out), todo)


def _waits(report: Report, queue: Queue) -> Iterator[Advice]:
    wait = queue.wait["p90"] or 0.0
    label = queue.name.rpartition(":")[2]
    held_up = [] if wait < HELD_UP_S else [each for each in report.methods if _holds_up(each, queue)]
    for method in held_up:
        own = method.lanes[queue.name]
        text = _(
            "{method} took {share:.0%} of what all runs in {queue} took, {mean} each, and one job in ten waited there "
            "for {wait} or longer."
        ).format(
            method=method.name,
            share=own.worker_s / queue.now.worker_s,
            queue=label,
            mean=duration(own.mean_s),
            wait=duration(wait),
        )
        todo = _("A Job Policy sends it to another queue; cut into chunks it lets others go first.")
        yield Advice("holds_up_a_queue", method.name, text, todo)
    if not held_up and wait >= QUEUED_S and (report.busy or 0.0) >= BUSY_SHARE:
        text = _(
            "One job in ten waited in {queue} for {wait} or longer; the workers were busy {share:.0%} of the time."
        )
        todo = _("Start another worker for {queue}, or move what can wait to quieter hours.")
        said = text.format(queue=label, wait=duration(wait), share=report.busy)
        yield Advice("too_few_workers", queue.name, said, todo.format(queue=label))


def _holds_up(method: Method, queue: Queue) -> bool:
    """It is the long one among many: others ran there more often, and waited."""
    own = method.lanes.get(queue.name)
    if own is None or not queue.now.worker_s:
        return False
    return (
        own.mean_s >= LONG_RUN_S
        and own.worker_s / queue.now.worker_s >= LANE_SHARE
        and queue.now.runs - own.runs > own.runs
    )


def _grew(method: Method) -> Iterator[Advice]:
    now, before = method.now, method.before
    if before.runs < RUNS_BEFORE or now.worker_s < max(GROWN_S, GROWN_TIMES * before.worker_s):
        return
    figures: dict[str, object] = {
        "method": method.name,
        "now": duration(now.worker_s),
        "before": duration(before.worker_s),
    }
    if now.mean_s * before.runs >= before.mean_s * now.runs:
        text = _(
            "{method} kept workers busy for {now}, after {before} in the week before: a run took {each}, not {once}."
        )
        figures |= {"each": lasted(now.mean_s), "once": lasted(before.mean_s)}
        todo = _("Its chart in Metrics tells since when; Profile in a job of it that runs tells where the time goes.")
    else:
        text = _(
            "{method} kept workers busy for {now}, after {before} in the week before: it ran {runs:,} times, not "
            "{times:,}."
        )
        figures |= {"runs": now.runs, "times": before.runs}
        todo = _("Look who enqueues it; a unique key in its Job Policy keeps out what waits already.")
    yield Advice("grew", method.name, text.format(**figures), todo)
