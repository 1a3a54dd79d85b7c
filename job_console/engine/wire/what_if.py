"""What would change, as JSON: each queue as it was observed, as it is played now, and then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..messages import Message, _, listed
from ..models.schedule import ScheduleEntry
from ..simulation import limits
from ..simulation.changes import Changes, Serves
from ..simulation.least import Least, Option
from ..simulation.load import Load
from ..simulation.measured import Percentiles
from ..simulation.what_if import Answer, Lane
from ..wording import lasted
from .values import Json, time

#: Where the workers of the recorded days were not those of today.
_OTHER_WORKERS = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    at: datetime
    crew: Sequence[Serves]
    changes: Changes
    load: Load
    #: What may be moved.
    methods: Sequence[str]
    schedules: Sequence[ScheduleEntry]


def what_if_json(asked: Asked, found: Answer | None) -> Json:
    return {
        "at": time(asked.at),
        "days_known": len(asked.load.days),
        "days_played": found.days if found else 0,
        "hours_of_a_day": found.hours if found else 0,
        "jobs_played": found.jobs if found else 0,
        "workers": {"now": _crew(asked.crew), "then": _crew(asked.changes.crew)},
        "busy": {"now": _share(found.now.busy if found else None), "then": _share(found.then.busy if found else None)},
        "queues": [_lane(lane) for lane in found.lanes] if found else [],
        "keep": _keep(found.least) if found and found.least else None,
        "notes": list(_notes(asked, found)),
        "assumed": list(_assumed(found)),
        "methods": list(asked.methods),
        "schedules": [{"name": entry.record, "cron": entry.cron} for entry in asked.schedules],
    }


def _crew(crew: Sequence[Serves]) -> list[Json]:
    counted = Counter(tuple(map(_label, serves)) for serves in crew)
    return [{"queues": list(serves), "count": count} for serves, count in sorted(counted.items())]


def _lane(lane: Lane) -> Json:
    nobody: Percentiles = dict.fromkeys(lane.now)
    return {
        "name": lane.name,
        "label": _label(lane.name),
        "known": lane.known,
        "telling": lane.telling,
        "observed_s": _seconds(lane.observed if lane.telling else nobody),
        "now_s": _seconds(lane.now if lane.telling else nobody),
        "then_s": _seconds(lane.then if lane.telling and not lane.unserved else nobody),
        "jobs": lane.jobs,
        "unserved": lane.unserved,
    }


def _keep(least: Least) -> Json:
    return {
        "queue": _label(least.goal.queue),
        "within_s": least.goal.within_s,
        "jobs": round(100 * least.goal.share, 1),
        "days": least.days,
        "kept": least.kept,
        "options": [
            {"kind": each.kind, "workers": _change(each), "kept": each.kept, "text": _said(each, least)}
            for each in least.options
        ],
        "text": _verdict(least),
    }


def _change(option: Option) -> str:
    return "; ".join(f"{','.join(map(_label, serves))}:{count:+d}" for serves, count in option.changes)


def _verdict(least: Least) -> Message:
    goal = {
        "queue": _label(least.goal.queue),
        "within": lasted(least.goal.within_s),
        "jobs": f"{100 * least.goal.share:g}",
        "kept": least.kept,
        "days": least.days,
    }
    if least.kept >= limits.KEPT_SHARE * least.days:
        return _("{queue} keeps {jobs} of 100 jobs below {within} on {kept} of {days} days as it is.").format(**goal)
    if least.options:
        return _("{queue} keeps {jobs} of 100 jobs below {within} on {kept} of {days} days: too few.").format(**goal)
    said = _(
        "{queue} keeps {jobs} of 100 jobs below {within} on {kept} of {days} days, and {most} more workers do not "
        "suffice: it takes something else."
    )
    return said.format(**goal, most=limits.MOST_ADDED)


def _said(option: Option, least: Least) -> Message:
    serves, count = option.changes[0]
    queues, kept = listed(list(map(_label, serves))), {"kept": option.kept, "days": least.days}
    if option.kind == "more":
        text = _("{count} more for {queue} alone: kept on {kept} of {days} days.")
        return text.format(count=count, queue=queues, **kept)
    if option.kind == "fewer":
        text = _("{count} fewer of those that serve {queues}: still kept, on {kept} of {days} days.")
        return text.format(count=-count, queues=queues, **kept)
    text = _("One that serves {queues} takes {queue} first from now on: kept on {kept} of {days} days.")
    return text.format(queues=queues, queue=_label(option.changes[1][0][0]), **kept)


def _notes(asked: Asked, found: Answer | None) -> Iterator[Message]:
    if found is None:
        yield _("No whole day of runs is recorded yet, so there is no telling.")
        return
    if asked.changes.goal and found.days_known < limits.DAYS_TO_KEEP:
        text = _("{days} days are recorded; below {needed} there is no telling what is kept on 99 of 100.")
        yield text.format(days=found.days_known, needed=limits.DAYS_TO_KEEP)
    if found.hours < 24:
        text = _("So many jobs come that only the busiest hours of {days} days were played, {hours} of each at most.")
        yield text.format(days=found.days, hours=found.hours)
    known, now = asked.load.workers, len(asked.crew)
    if known is not None and abs(known - now) > _OTHER_WORKERS * max(known, now):
        text = _("On the recorded days there were {known:.1f} workers on average, now there are {now}.")
        yield text.format(known=known, now=now)
    for lane in found.lanes:
        yield from _about(lane)


def _about(lane: Lane) -> Iterator[Message]:
    label = _label(lane.name)
    if not lane.known_enough:
        text = _("Of {queue} {runs:,} runs are known; below {needed} there is no telling.")
        yield text.format(queue=label, runs=lane.known, needed=limits.RUNS_TO_TELL)
    if lane.unserved:
        yield _("Nobody would serve {queue}: its jobs would wait for ever.").format(queue=label)
    observed, now = lane.observed["p90"], lane.now["p90"]
    if lane.known_enough and observed and now and abs(now - observed) > max(limits.MISFIT * observed, limits.SLIGHT_S):
        yield _misfit(lane).format(queue=label, observed=lasted(observed), now=lasted(now))


def _misfit(lane: Lane) -> Message:
    if lane.alike:
        return _(
            "In {queue} one job in ten waited {observed} or longer, and {now} in the play: the play does not know all "
            "that happens there. Trust the difference rather than the number."
        )
    return _(
        "In {queue} one job in ten waited {observed} or longer, and {now} in the play of what is: that is another "
        "bench, so there is no telling."
    )


def _assumed(found: Answer | None) -> Iterator[Message]:
    yield _(
        "As many jobs come as on the recorded days, of the same length; those of schedules at their times, others at "
        "random moments of their hour, in bursts as large as they were."
    )
    yield _("A worker takes the first job of the first of its queues; each day begins with empty queues.")
    if found is not None:
        text = _("A worker needs {start} to start a job; what it needs after one is estimated.")
        yield text.format(start=lasted(found.start_s))
    yield _("More workers do not slow each other down: whether processors, memory and database suffice is not known.")


def _label(queue: str) -> str:
    return queue.rpartition(":")[2]


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _seconds(values: Percentiles) -> dict[str, float | None]:
    """To three figures: no more is known."""
    return {name: None if value is None else float(f"{value:.3g}") for name, value in values.items()}
