"""Is all well? `ok` needs evidence: a live worker, work that ended, a scheduler that ticks, a Redis that kept its data.

No warning is no evidence: an empty Redis has none. Without evidence the verdict is `warning`, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..messages import _, listed
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
        if left:
            reasons.append(many(left, _("And {count:,} more warning."), _("And {count:,} more warnings.")))
        return Headline(verdict, tuple(reasons), evidence)
    doubts = tuple(
        _("No telling: {sentence}").format(sentence=sentence) for certain, sentence in known if certain is False
    )
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
        yield False, _("no worker is alive here now.") if ever else _("no worker has ever been seen here.")
        return
    yield True, many(len(live), _("{count:,} worker alive."), _("{count:,} workers alive."))
    idle = [lane.label for lane in bench.lanes if lane.name not in served and lane.counts.queued]
    if idle:  # for longer it is `no_workers`
        yield False, _("work has come to {idle}, which no live worker will take.").format(idle=listed(idle))


def _work(bench: Bench) -> Iterator[tuple[bool | None, str]]:
    waiting = sum(lane.counts.queued for lane in bench.lanes)
    running = sum(lane.counts.started for lane in bench.lanes)
    finished = sum(lane.counts.finished for lane in bench.lanes)
    oldest = min((lane.oldest_enqueued_at for lane in bench.lanes if lane.oldest_enqueued_at), default=None)
    if finished:
        yield True, many(finished, _("{count:,} job finished lately."), _("{count:,} jobs finished lately."))
    elif running:
        yield (
            True,
            many(
                running,
                _("{count:,} job runs now; none has finished lately."),
                _("{count:,} jobs run now; none has finished lately."),
            ),
        )
    elif not waiting:
        yield True, _("Nothing waits, so nothing had to be done.")
    elif oldest is not None and (bench.at - oldest).total_seconds() <= limits.HEADLINE_START_S:
        yield None, _("The first jobs have just come.")
    elif not bench.suspended:
        yield (
            False,
            many(
                waiting,
                _("{count:,} job waits, none runs, and none has finished lately."),
                _("{count:,} jobs wait, none runs, and none has finished lately."),
            ),
        )


def _schedulers(bench: Bench, site: str | None) -> Iterator[tuple[bool | None, str]]:
    schedules = [schedule for schedule in fresh(bench) if site in (None, schedule.site)]
    if not schedules:
        yield None, _("Whether a scheduler ticks is not known here.")
    for schedule in schedules:
        yield _scheduler(bench, schedule)


def _scheduler(bench: Bench, schedule: Schedule) -> tuple[bool | None, str]:
    if schedule.process is False:
        return False, _("no scheduler process runs on {host} for {site}.").format(
            host=schedule.host or _("this host"), site=schedule.site
        )
    if schedule.ticked_at is None:
        if schedule.process:
            text = _("{site}: its scheduler has not ticked yet; a process of it runs on {host}.")
            return None, text.format(site=schedule.site, host=schedule.host)
        return False, _("{site}: its scheduler has not ticked yet; nobody has seen it tick.").format(site=schedule.site)
    age = (bench.at - schedule.ticked_at).total_seconds()
    ticked = duration(max(age, 0.0))
    if schedule.tells_ticks and age > schedule_limits.MISSED_TICKS * schedule.tick_s + limits.HEADLINE_START_S:
        text = _("the scheduler of {site} ticked {duration} ago, it should every {tick}.")
        return False, text.format(site=schedule.site, duration=ticked, tick=duration(schedule.tick_s))
    return True, _("The scheduler of {site} ticked {duration} ago.").format(site=schedule.site, duration=ticked)


def _memory(bench: Bench) -> Iterator[tuple[bool | None, str]]:
    uptime = bench.redis.uptime_s
    # Whoever was there before it started is not registered any more.
    registered = any(worker.born_at for worker in bench.workers)
    if uptime is None:
        yield None, _("Since when Redis runs is not known.")
    elif (
        uptime < limits.REDIS_YOUNG_S
        and bench.redis.loaded_keys == 0
        and not (registered or bench.memory.recent_workers)
    ):
        yield (
            False,
            _("Redis started {duration} ago without any data; what it held before is not known.").format(
                duration=duration(uptime)
            ),
        )
    else:
        yield True, _("Redis has run for {duration}.").format(duration=duration(uptime))
