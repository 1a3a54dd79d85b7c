"""JC41x: when scheduled work runs."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from croniter import croniter

from ..models import Finding, Rule, Severity
from ..read.facts import HookValue, Module
from ..read.reach import Reached
from .subject import Subject

WRONG = Rule(
    "JC411",
    "wrong-cron",
    Severity.ERROR,
    "The expression means nothing to the scheduler: the work never runs, or `bench migrate` fails.",
    'scheduler_events = {"cron": {"15 3 * * *": ["shop.tasks.tidy"]}}',
)
TOO_FINE = Rule(
    "JC412",
    "finer-than-the-tick",
    Severity.NOTE,
    "From Frappe 16 on the scheduler looks every four minutes (Frappe 15: every minute), unless a site's configuration "
    "says otherwise: what is due more often runs as seldom as that, and at uneven times.",
    'scheduler_events = {"cron": {"*/5 * * * *": ["shop.tasks.poll"]}}',
)
CROWDED = Rule(
    "JC413",
    "crowded-minute",
    Severity.WARNING,
    "Thirty and more entries are due in the same minute: they queue up behind each other, and what people wait for "
    "stands behind them.",
    'Move some to a quieter minute ("17 2 * * *"), or to `daily_maintenance`, which each site runs at its own time.',
)

#: From Frappe 16 on.
TICK_S = 240
CROWD = 30
_START = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall has no zone
#: The minute at which Frappe runs its named frequencies; those with `maintenance` are spread.
_NAMED = {"daily": "0 0 * * *", "daily_long": "0 0 * * *"}


def check_app(reached: Reached) -> Iterator[Finding]:
    by_minute: dict[str, list[tuple[Module, HookValue]]] = defaultdict(list)
    for module, hook in reached.hooks("scheduler_events"):
        if hook.keys[1:2] == ("cron",) and len(hook.keys) > 2:
            expression = hook.keys[2]
            if expression != "?":
                yield from _check(module, hook, expression)
        elif len(hook.keys) > 1:
            expression = _NAMED.get(hook.keys[1], "")
        else:
            continue
        if _is_daily(expression):
            by_minute[" ".join(expression.split()[:2])].append((module, hook))
    for entries in by_minute.values():
        if len(entries) >= CROWD:
            module, hook = entries[0]
            minute = _clock(hook)
            message = f"{len(entries)} entries are due at {minute}"
            yield Finding(module.path, hook.place, CROWDED.code, message)


def _check(module: Module, hook: HookValue, expression: str) -> Iterator[Finding]:
    if not croniter.is_valid(expression):
        yield Finding(module.path, hook.place, WRONG.code, f"`{expression}` is no cron expression")
        return
    gap = _shortest_gap(expression)
    if gap < timedelta(seconds=TICK_S):
        message = f"`{expression}` is due every {gap.total_seconds():g} s; the scheduler looks every {TICK_S} s"
        yield Finding(module.path, hook.place, TOO_FINE.code, message)


def _shortest_gap(expression: str) -> timedelta:
    times = croniter(expression, _START)
    due = [times.get_next(datetime) for _ in range(20)]
    return min(later - earlier for earlier, later in itertools.pairwise(due))


def _is_daily(expression: str) -> bool:
    minute, hour, *rest = expression.split() or ("", "")
    return minute.isdigit() and hour.isdigit() and rest == ["*", "*", "*"]


def _clock(hook: HookValue) -> str:
    minute, hour = (hook.keys[2] if hook.keys[1] == "cron" else _NAMED[hook.keys[1]]).split()[:2]
    return f"{int(hour):02}:{int(minute):02}"


SUBJECT = Subject(rules=(WRONG, TOO_FINE, CROWDED), app=check_app)
