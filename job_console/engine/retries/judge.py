"""Whether a job that failed is tried again, and when. Pure: the random number and the present moment are arguments."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..messages import _
from ..models.policies import Policy
from ..models.retries import Tries, Try
from ..rq import limits as rq_limits
from . import limits
from .models import AGAIN, ASKS, GAVE_UP, stamp


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that ended badly, just now or a while ago."""

    created_at: datetime | None
    started_at: datetime | None
    at: datetime
    type: str
    message: str = ""
    #: Names of the exception's class and of those that it is made from, bare and dotted.
    names: frozenset[str] = frozenset()
    lost: bool = False
    #: The name of its method's circuit.
    circuit: str = ""


def names_of(error: BaseException) -> frozenset[str]:
    classes = type(error).__mro__[:-1]
    return frozenset(name for each in classes for name in (each.__name__, f"{each.__module__}.{each.__name__}"))


def chance() -> float:
    """A random share of the delay (jitter), so that jobs that failed together are not all retried at once."""
    return random.random()  # noqa: S311 (nobody gains by guessing it)


def judge(policy: Policy, before: Tries | None, failed: Failed, luck: float) -> Tries | None:
    """What the policy decides about a failed attempt. None: nothing, the job stays failed. `luck`: see `chance`."""
    if policy.attempts <= 1 and not failed.lost:
        return None
    count = (before.failed if before else 0) + 1
    allowed = _allowed(policy, failed)
    then, why = _verdict(policy, failed, count, allowed)
    return Tries(
        born=stamp(failed.created_at),
        run=stamp(failed.started_at),
        failed=count,
        of=allowed,
        then=then,
        why=why,
        policy=policy.name,
        circuit=failed.circuit if _counts(policy, failed) else "",
        next_at=failed.at + timedelta(seconds=_pause_s(policy, failed, count, luck)) if then == AGAIN else None,
        history=_history(before, failed),
    )


def _allowed(policy: Policy, failed: Failed) -> int:
    """How many attempts a job has in all. What is requeued after its process died (`lost` is "requeue") gets
    `LOST_REQUEUES` more at most: the job itself may be what kills the process.
    """
    if failed.lost and policy.lost == "requeue":
        return max(policy.attempts, 1 + limits.LOST_REQUEUES)
    return policy.attempts


def _verdict(policy: Policy, failed: Failed, count: int, allowed: int) -> tuple[str, str]:
    if failed.lost and policy.lost == "ask":
        return ASKS, _("its process died, and its policy wants somebody to decide what becomes of such work")
    if failed.lost and policy.lost == "fail":
        return GAVE_UP, _("its process died, and its policy does not put such work back")
    if not failed.lost and not retryable(policy, failed.names | {failed.type}):
        return GAVE_UP, _("its policy does not try again after {type}").format(type=failed.type)
    if count >= allowed:
        return GAVE_UP, _("all {allowed} attempts have failed").format(allowed=allowed)
    return AGAIN, ""


def _counts(policy: Policy, failed: Failed) -> bool:
    """Whether the failure counts towards the method's circuit. One that the policy never retries does not: it says that
    the arguments are wrong, not that the method cannot work now.
    """
    return policy.lost == "requeue" if failed.lost else retryable(policy, failed.names | {failed.type})


def may_count(policy: Policy) -> bool:
    """Whether there are failures that this policy counts, so that the end of one of its jobs must be recorded."""
    return policy.attempts > 1 or policy.lost == "requeue"


def retryable(policy: Policy, names: Iterable[str]) -> bool:
    known = set(names)
    if known & set(policy.never_on):
        return False
    return not policy.retry_on or bool(known & set(policy.retry_on))


def _pause_s(policy: Policy, failed: Failed, count: int, luck: float) -> float:
    """Seconds until the next attempt. A job whose process died goes back at once, the first time."""
    if failed.lost:
        return policy.backoff.delay_s(count - 1, luck) if count > 1 else 0.0
    return policy.backoff.delay_s(count, luck)


def _history(before: Tries | None, failed: Failed) -> tuple[Try, ...]:
    message = failed.message[: rq_limits.TEXT_CHARS]
    last = Try(failed.at, failed.type, message, failed.lost, failed.started_at)
    return ((before.history if before else ()) + (last,))[-limits.TRIES_KEPT :]
