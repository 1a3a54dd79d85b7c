"""One change of a job's state as Redis does it: lua/transition.lua and what stands before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import keys, limits
from .link import Pipeline, Redis, script

_PARTS = ("place_in", "circuit_held", "trail", "dependencies", "transition_steps", "transition_places", "transition")

#: They are for what waits, or stands nowhere: another queue than its own may have it.
MAY_STAND_ELSEWHERE = ("requeue", "free", "fail", "cancel", "move", "front", "delete")


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
    #: What `jobs.deep_queues` found when it went through the deep queues; "": it did not.
    absent: str = ""
    #: Fields of the trail's entry: name, value, …
    reported: tuple[str, ...] = ()
    #: The bench's other queues, which may hold it, too.
    lanes: tuple[str, ...] = ()

    @property
    def touched(self) -> list[str]:
        more = {"move": [keys.queue(self.argument)], "retry": [keys.job(self.argument)]}
        others = [keys.queue(name) for name in self.lanes if self.action in MAY_STAND_ELSEWHERE]
        return _touched(self.job_id, self.queue, *more.get(self.action, []), *others)


def send(client: Redis | Pipeline, step: Step) -> Any:
    """The script's answer; nothing yet on a pipeline."""
    touched = step.touched
    return client.eval(
        "".join(script(part) for part in _PARTS), len(touched), *touched,
        step.job_id, step.action, iso(step.now), step.now.timestamp(), step.argument, int(step.sure), step.call,
        limits.AUDIT_ENTRIES, step.absent, *step.reported,
    )  # fmt: skip


def iso(moment: datetime) -> str:
    """As RQ writes times (`rq.utils.utcformat`), so that they compare as text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _touched(job_id: str, queue: str, *argument: str) -> list[str]:
    """The keys that a change of a job's state touches (lua/transition.lua): its hash, the trail's two, and then the
    rest; `argument`: more of them.

    Named to Redis before, they make it refuse the whole script to a user who may not use one of them, so nothing is
    left half done. Not named, because only the script can know them: the records of its executions, of its worker and
    of the jobs that it waits for, or that wait for it; their queues, which the script asks for before; the retries that
    its circuit holds; and the queue of a job that was moved since it was read.
    """
    ours = (
        *(keys.RETRIES, keys.CIRCUITS, keys.dead(queue)),
        *(keys.asked(job_id), keys.tries(job_id), keys.progress(job_id)),
    )
    registries = [keys.registry(status, queue) for status in keys.REGISTRIES]
    related = (keys.results(job_id), keys.executions(job_id), keys.dependents(job_id), keys.dependencies(job_id))
    places = (keys.QUEUES, keys.queue(queue), keys.intermediate(queue), *registries)
    return list(dict.fromkeys((keys.job(job_id), keys.AUDIT, keys.AUDIT_JOBS, *related, *places, *ours, *argument)))
