"""Mends what is safe to mend: the first safe remedy of every proven warning, through the one runner of actions.

The remedies of a warning are alternatives ("put it back", or "free its id"), the preferred one first; and a job may be
the subject of several warnings. So each subject is acted on once. What changed since the look is left alone: each
action looks again in the step in which it acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ..errors import Forbidden, LockError
from ..jobs import actions, lock_actions, operations
from ..jobs import limits as jobs_limits
from ..jobs.request import Request
from ..look.reader import JobReader
from ..models.bench import Bench
from ..models.outcomes import Outcome
from ..models.warnings import Remedy, Warning
from ..redis.link import Redis
from ..scope import Scope

#: Remedies of the whole bench, which name no job.
_NAMELESS = ("resume",)
#: The remedy of a lock, which the warning is about: no action on a job.
RELEASE = "release_lock"


@dataclass(frozen=True, slots=True)
class Step:
    """What would be done, and about which warning."""

    warning: Warning
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    #: Warnings that nothing safe ends: they need somebody.
    left: tuple[Warning, ...]


def plan(warnings: Iterable[Warning]) -> Plan:
    steps: list[Step] = []
    left: list[Warning] = []
    taken: set[tuple[str | None, ...]] = set()
    for warning in warnings:
        remedy = next((each for each in warning.remedies if each.safe and not _for_people(each)), None)
        # A job of another site is not named: its own site's managers mend it.
        if remedy is None or (warning.job_id is None and remedy.action not in (*_NAMELESS, RELEASE)):
            left.append(warning)
            continue
        subject = _subject(warning, remedy)
        if subject not in taken:
            taken.add(subject)
            steps.append(Step(warning, remedy))
    return Plan(tuple(steps), tuple(left))


def _subject(warning: Warning, remedy: Remedy) -> tuple[str | None, ...]:
    if remedy.action == RELEASE:
        return (warning.about, RELEASE)
    return (None, remedy.action) if warning.job_id is None else (warning.job_id,)


def perform(
    redis: Redis, reader: JobReader, bench: Bench, scope: Scope, actor: str, steps: Iterable[Step]
) -> list[tuple[Step, Outcome]]:
    """Do them, those of one kind together; one outcome each."""
    done: list[tuple[Step, Outcome]] = []
    for (action, queue, code), group in groupby(sorted(steps, key=_kind), key=_kind):
        alike = list(group)
        if action == RELEASE:
            done += [(step, _release(redis, scope, actor, step.warning)) for step in alike]
            continue
        for start in range(0, len(alike), jobs_limits.BULK_JOBS):
            chunk = alike[start : start + jobs_limits.BULK_JOBS]
            request = Request(action, actor, reason=f"mend: {code}", queue=queue or None)
            # An id may be empty; only the bench's own remedies name none.
            job_ids = [step.warning.job_id for step in chunk if step.warning.job_id is not None]
            outcomes = actions.run(redis, reader, bench, scope, request, job_ids)
            done += zip(chunk, outcomes, strict=True)
    return done


def _release(redis: Redis, scope: Scope, actor: str, warning: Warning) -> Outcome:
    """From that holder alone: whoever has the lock by now keeps it."""
    name, fence = warning.about or "", warning.evidence["fence"]
    try:
        done = lock_actions.release(redis, scope.site, actor, name, f"mend: {warning.code}", fence)
    except (LockError, Forbidden) as error:
        return Outcome("", False, "held", "held", str(error))
    return Outcome("", True, "held", done["lock"]["state"])


def rehearse(reader: JobReader, bench: Bench, steps: Iterable[Step]) -> list[tuple[Step, Outcome]]:
    """What `perform` would do now: each subject's state, and the remedy's own words."""
    steps = list(steps)
    named = list(dict.fromkeys(step.warning.job_id for step in steps if step.warning.job_id is not None))
    states = {job.id: job.status for job in reader.read(named)}
    return [(step, _foreseen(step, states, bench)) for step in steps]


def _foreseen(step: Step, states: dict[str, str], bench: Bench) -> Outcome:
    job_id = step.warning.job_id
    if step.remedy.action == RELEASE:
        state, job_id = "held", None
    elif job_id is None:
        state = "suspended" if bench.suspended else "running"
    else:
        state = "orphan" if states[job_id] == "vanished" else states[job_id]
    return Outcome(job_id or "", True, state, state, step.remedy.explain)


def _kind(step: Step) -> tuple[str, str, str]:
    queue = step.warning.queue if step.remedy.action == "clear" else None
    return step.remedy.action, queue or "", step.warning.code


def _for_people(remedy: Remedy) -> bool:
    """Only the site's desk can do it, or only somebody who knows that what broke is mended."""
    return remedy.needs_site or remedy.action == "close_circuit" or remedy.action in operations.OPERATIONS
