"""Is all well? `ok` needs evidence: a live worker, work that ended, a scheduler that ticks, a Redis that kept its data.

No warning is no evidence: an empty Redis has none. Without evidence the verdict is `warning`, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..models.bench import Bench
from ..models.schedule import Schedule
from ..models.warnings import Warning
from ..schedule import limits as schedule_limits
from ..wording import duration, many
from . import limits
from .detectors.schedules import fresh

_SEVERITIES = ("critical", "warning")


@dataclass(frozen=True, slots=True)
class Headline:
    verdict: str  # ok | warning | critical
    reasons: tuple[str, ...]
    #: The evidence that work is done, and what is not known, in words.
    evidence: tuple[str, ...] = ()
    #: False: nothing is known to be wrong, but there is no evidence that all is well; the reasons say why.
    telling: bool = True


def judge(bench: Bench, site: str | None, warnings: Sequence[Warning]) -> Headline:
    """`warnings`: those that nobody has silenced. `site`: the viewer's; None sees the whole bench."""
    known = [*_known(bench, site)]
    evidence = tuple(sentence for certain, sentence in known if certain is not False)
    serious = [warning for warning in warnings if warning.severity in _SEVERITIES]
    if serious:
        verdict = min((warning.severity for warning in serious), key=_SEVERITIES.index)
        reasons = [warning.message for warning in serious[: limits.REASONS_SHOWN]]
        left = len(serious) - len(reasons)
        reasons += [f"And {many(left, 'more warning')}."] if left else []
        return Headline(verdict, tuple(reasons), evidence)
    doubts = tuple(f"No telling: {sentence}" for certain, sentence in known if certain is False)
    return Headline("warning", doubts, evidence, telling=False) if doubts else Headline("ok", (), evidence)


def _known(bench: Bench, site: str | None) -> Iterator[tuple[bool | None, str]]:
    """(True: evidence for it; False: against it; None: not known, and not needed; the sentence)."""
    yield from _workers(bench)
    yield from _work(bench)
    yield from _schedulers(bench, site)
    yield from _memory(bench)


def _workers(bench: Bench) -> Iterator[tuple[bool | None, str]]:
    live = [worker for worker in bench.workers if worker.state not in ("gone", "broken")]
    served = {queue for worker in live if worker.takes_work for queue in worker.queues}
    if not live:
        ever = any(worker.state == "gone" for worker in bench.workers) or bool(bench.memory.recent_workers)
        yield False, "no worker is alive here now." if ever else "no worker has ever been seen here."
        return
    yield True, f"{many(len(live), 'worker')} alive."
    idle = [lane.label for lane in bench.lanes if lane.name not in served and lane.counts.queued]
    if idle:  # for longer it is `no_workers`
        yield False, f"work has come to {' and '.join(idle)}, which no live worker will take."


def _work(bench: Bench) -> Iterator[tuple[bool | None, str]]:
    waiting = sum(lane.counts.queued for lane in bench.lanes)
    running = sum(lane.counts.started for lane in bench.lanes)
    finished = sum(lane.counts.finished for lane in bench.lanes)
    oldest = min((lane.oldest_enqueued_at for lane in bench.lanes if lane.oldest_enqueued_at), default=None)
    if finished:
        yield True, f"{many(finished, 'job')} finished lately."
    elif running:
        yield True, f"{many(running, 'job runs', 'jobs run')} now; none has finished lately."
    elif not waiting:
        yield True, "Nothing waits, so nothing had to be done."
    elif oldest is not None and (bench.at - oldest).total_seconds() <= limits.HEADLINE_START_S:
        yield None, "The first jobs have just come."
    elif not bench.suspended:
        yield False, f"{many(waiting, 'job waits', 'jobs wait')}, none runs, and none has finished lately."


def _schedulers(bench: Bench, site: str | None) -> Iterator[tuple[bool | None, str]]:
    schedules = [schedule for schedule in fresh(bench) if site in (None, schedule.site)]
    if not schedules:
        yield None, "Whether a scheduler ticks is not known here."
    for schedule in schedules:
        yield _scheduler(bench, schedule)


def _scheduler(bench: Bench, schedule: Schedule) -> tuple[bool | None, str]:
    if schedule.process is False:
        return False, f"no scheduler process runs on {schedule.host or 'this host'} for {schedule.site}."
    if schedule.ticked_at is None:
        process = f"a process of it runs on {schedule.host}" if schedule.process else "nobody has seen it tick"
        return (None if schedule.process else False), f"{schedule.site}: its scheduler has not ticked yet; {process}."
    age = (bench.at - schedule.ticked_at).total_seconds()
    ticked = f"the scheduler of {schedule.site} ticked {duration(max(age, 0.0))} ago"
    if schedule.tells_ticks and age > schedule_limits.MISSED_TICKS * schedule.tick_s + limits.HEADLINE_START_S:
        return False, f"{ticked}, it should every {duration(schedule.tick_s)}."
    return True, f"{ticked[0].upper()}{ticked[1:]}."


def _memory(bench: Bench) -> Iterator[tuple[bool | None, str]]:
    uptime = bench.redis.uptime_s
    # Whoever was there before it started is not registered any more.
    registered = any(worker.born_at for worker in bench.workers)
    if uptime is None:
        yield None, "Since when Redis runs is not known."
    elif (
        uptime < limits.REDIS_YOUNG_S
        and bench.redis.loaded_keys == 0
        and not (registered or bench.memory.recent_workers)
    ):
        yield False, f"Redis started {duration(uptime)} ago without any data; what it held before is not known."
    else:
        yield True, f"Redis has run for {duration(uptime)}."
