"""What somebody wants to change, read from text: workers, the queue of a method, the time of a schedule.

short,default:+1     one more worker that serves short, then default; `-1` one fewer, `=3` three of them
shop.mail.send=long  the method's jobs go to another queue
nightly_sync=30 2 * * *
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import BadRequest
from ..messages import _
from . import limits

#: The queues of a worker, in its order.
Serves = tuple[str, ...]
_WORKERS = re.compile(r"(?P<queues>.+):(?P<sign>[+\-=])(?P<count>\d{1,4})")
_WITHIN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|m|min|h)?")
_SECONDS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Goal:
    """So long at most this share of a queue's jobs may wait."""

    queue: str
    within_s: float
    share: float = 0.9


@dataclass(frozen=True, slots=True)
class Changes:
    crew: tuple[Serves, ...]
    #: By method the queue that it goes to.
    moved: Mapping[str, str] = field(default_factory=dict)
    #: By the name of a schedule its other cron expression.
    schedules: Mapping[str, str] = field(default_factory=dict)
    goal: Goal | None = None


def workers(crew: Sequence[Serves], asked: Sequence[str], full: Callable[[str], str]) -> tuple[Serves, ...]:
    """The workers with these changes. `full`: the full name of a queue; it raises BadRequest where there is none."""
    changed = list(crew)
    for text in asked:
        found = _WORKERS.fullmatch(text.strip())
        if not found:
            raise BadRequest(_("{text!r} is no change of workers: write it as short,default:+1.").format(text=text))
        serves = tuple(full(name.strip()) for name in found["queues"].split(","))
        count, there = int(found["count"]), changed.count(serves)
        wanted = {"+": there + count, "-": there - count, "=": count}[found["sign"]]
        if wanted < 0:
            said = _("Fewer by {count:,} are not possible: {there:,} workers serve {queues}, in this order.")
            raise BadRequest(said.format(count=count, there=there, queues=found["queues"]))
        for _worker in range(there - wanted):
            changed.remove(serves)
        changed += [serves] * (wanted - there)
    if len(changed) > limits.MOST_WORKERS:
        raise BadRequest(_("At most {most:,} workers are simulated.").format(most=limits.MOST_WORKERS))
    return tuple(changed)


def pair(text: str, example: str) -> tuple[str, str]:
    """`NAME=VALUE`; a name may not hold the sign, a value may."""
    name, sign, value = (part.strip() for part in text.partition("="))
    if not name or not sign or not value:
        raise BadRequest(_("{text!r} is no change: write it as {example}.").format(text=text, example=example))
    return name, value


def goal(text: str, jobs: float, full: Callable[[str], str]) -> Goal:
    """`short=10s`: of `jobs` in a hundred."""
    name, value = pair(text, "short=10s")
    found = _WITHIN.fullmatch(value)
    if not found or not float(found["number"]):
        raise BadRequest(_("{text!r} is no duration: write it as 500ms, 10s, 5m or 1h.").format(text=value))
    if not 1 <= jobs < 100:
        raise BadRequest(_("The jobs in a hundred that are to wait no longer are a number from 1 to 99.9."))
    return Goal(full(name), float(found["number"]) * _SECONDS[found["unit"]], jobs / 100)
