"""One change of a job's state as Redis does it: lua/transition.lua and what stands before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import keys, limits
from .link import Pipeline, Redis, script

_PARTS = ("place_in", "circuit_held", "trail", "dependencies", "transition_steps", "transition")


@dataclass(frozen=True, slots=True)
class Step:
    """One action on one job. `call` is equal when the same is sent again; "" leaves the trail alone."""

    job_id: str
    #: Where it stands, as far as it is known: its keys are named to Redis before.
    queue: str
    action: str
    now: datetime
    argument: str = ""
    sure: bool = False
    call: str = ""
    #: Fields of the trail's entry: name, value, …
    reported: tuple[str, ...] = ()

    @property
    def touched(self) -> list[str]:
        more = {"move": [keys.queue(self.argument)], "retry": [keys.job(self.argument)]}
        return keys.of_change(self.job_id, self.queue, *more.get(self.action, []))


def send(client: Redis | Pipeline, step: Step) -> Any:
    """The script's answer; nothing yet on a pipeline."""
    touched = step.touched
    return client.eval(
        "".join(script(part) for part in _PARTS), len(touched), *touched,
        step.job_id, step.action, iso(step.now), step.now.timestamp(), step.argument, int(step.sure), step.call,
        limits.AUDIT_ENTRIES, *step.reported,
    )  # fmt: skip


def iso(moment: datetime) -> str:
    """As RQ writes times (`rq.utils.utcformat`), so that they compare as text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
