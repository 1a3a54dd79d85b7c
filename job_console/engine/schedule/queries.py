"""Answers what a viewer asks about schedules, in JSON: about their own site's, or all of the bench's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import BadRequest
from ..history import statistics
from ..messages import _
from ..models.bench import Bench, Usual
from ..models.schedule import Schedule
from ..redis import keys
from ..redis.link import Redis, pipelined, raise_first, reaching_redis
from . import clock, history, limits, run_states, wire, wire_day
from .check import mistake
from .history import Ran
from .outlook import Outlook, outlook, quieter_minutes
from .upcoming import Cadence, Ticks, cadence, next_runs

Json = dict[str, Any]


def look(redis: Redis, bench: Bench, site: str | None) -> Json:
    """Every entry, its next runs and its last ones. Two round trips."""
    schedules = _own(bench, site)
    usual = _usual(redis, schedules, bench)
    with reaching_redis():
        pipeline = pipelined(redis)
        for schedule in schedules.values():
            pipeline.hgetall(keys.schedule_runs(schedule.site))
        run_states.ask(pipeline, schedules)
        answers = pipeline.execute(raise_on_error=False) if schedules else []
        raise_first(answers[: len(schedules)])
    runs: list[Mapping[str, tuple[Ran, ...]]] = [history.read(answer) for answer in answers[: len(schedules)]]
    schedules = run_states.as_now(schedules, iter(answers[len(schedules) :]))
    reported = [
        wire.schedule(schedule, bench, usual, ran) for schedule, ran in zip(schedules.values(), runs, strict=True)
    ]
    return {"at": wire.time(bench.at), "schedules": reported}


def preview(bench: Bench, site: str | None, expression: str) -> Json:
    """What an expression says, when it would run next, and what is wrong with it."""
    schedule = bench.schedules.get(site or "") or Schedule(site or "", True)
    where, ticks = clock.zone(schedule.zone), Ticks.of(schedule)
    wrong = mistake(expression)
    runs = [] if wrong else next_runs(expression, where, ticks, bench.at, limits.PREVIEW_RUNS)
    pace = Cadence(0, 0) if wrong else cadence(expression, where, ticks, bench.at)
    return wire.preview(expression, wrong, runs, pace, schedule)


def day(redis: Redis, bench: Bench, site: str | None) -> Json:
    """The next 24 hours of the whole bench; of other sites' runs only that they take their time."""
    return wire_day.outlook(_outlook(redis, bench), bench, site)


def quieter(redis: Redis, bench: Bench, site: str | None) -> Json:
    """Quieter minutes for this site's entries, with the difference that they make."""
    if site is None or site not in bench.schedules:
        raise BadRequest(_("A site's own managers move its schedules, in its Job Monitor."))
    seen = _outlook(redis, bench)
    moves, after = quieter_minutes(seen, site)
    return wire_day.quieter(moves, seen, after, bench.schedules[site])


def _own(bench: Bench, site: str | None) -> dict[str, Schedule]:
    return {name: schedule for name, schedule in sorted(bench.schedules.items()) if site in (None, name)}


def _outlook(redis: Redis, bench: Bench) -> Outlook:
    return outlook(bench, _usual(redis, dict(bench.schedules), bench))


def _usual(redis: Redis, schedules: Mapping[str, Schedule], bench: Bench) -> dict[str, Usual]:
    methods = {entry.method for schedule in schedules.values() for entry in schedule.entries}
    with reaching_redis():
        return statistics.usual(redis, sorted(methods), bench.at)
