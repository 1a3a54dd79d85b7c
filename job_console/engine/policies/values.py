"""Values of a policy that are no values: not a number, not a text, or none of the allowed words. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..messages import _
from ..models.policies import CATCH_UP, IDEMPOTENCY, KINDS, LOST, OVERLAP, PER, Policy

ALERTS_ON = ("failed", "gave_up", "warning")


@dataclass(frozen=True, slots=True)
class Problem:
    #: As `Policy` names it; of its parts `backoff.first_s`.
    field: str
    text: str

    def __str__(self) -> str:
        return self.text


def wrong_types(policy: Policy) -> list[Problem]:
    return [*_numbers(policy), *_texts(policy)]


def unreadable(policy: Policy) -> list[Problem]:
    """Also what is none of the allowed words."""
    return [*wrong_types(policy), *wrong_words(policy)]


def _numbers(policy: Policy) -> Iterator[Problem]:
    backoff, limit = policy.backoff, policy.limit
    durations: dict[str, tuple[str, list[Any]]] = {
        "timeout_s": (_("The timeout"), [policy.timeout_s or 0]),
        "expected_s": (_("The expected duration"), [policy.expected_s or 0]),
        "longest_wait_s": (_("The longest wait"), [policy.longest_wait_s or 0]),
        "backoff.delays_s": (_("A delay"), list(backoff.delays_s)),
        "backoff.first_s": (_("A delay"), [backoff.first_s]),
        "backoff.cap_s": (_("A delay"), [backoff.cap_s]),
        "lock_wait_s": (_("The wait for the lock"), [policy.lock_wait_s]),
        "alerts.cooldown_s": (_("The pause between two alerts"), [policy.alerts.cooldown_s]),
    }
    numbers: dict[str, tuple[str, list[Any]]] = {
        "overrun_factor": (_("The overrun factor"), [policy.overrun_factor]),
        "attempts": (_("Attempts"), [policy.attempts]),
        "backoff.factor": (_("The back-off factor"), [backoff.factor]),
        "backoff.jitter": (_("Jitter"), [backoff.jitter]),
        "limit.runs": (_("The limit"), [limit.runs] if limit else []),
    }
    for what, entries in ((_("a number of seconds"), durations), (_("a number"), numbers)):
        for where, (label, values) in entries.items():
            wrong = (value for value in values if not _is_number(value))
            yield from (
                Problem(where, _("{label} is {what}, not {value!r}.").format(label=label, what=what, value=value))
                for value in wrong
            )


def _is_number(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _texts(policy: Policy) -> Iterator[Problem]:
    limit = policy.limit
    entries: dict[str, tuple[str, Iterable[Any]]] = {
        "queue": (_("The queue"), [policy.queue or ""]),
        "key": (_("A key"), [policy.key or ""]),
        "lock": (_("A key"), [policy.lock or ""]),
        "limit.key": (_("A key"), [(limit.key if limit else "") or ""]),
        "retry_on": (_("The name of an exception"), policy.retry_on),
        "never_on": (_("The name of an exception"), policy.never_on),
        "alerts.to": (_("Who is to be told"), policy.alerts.to),
        "sensitive": (_("A sensitive argument"), policy.sensitive),
    }
    for where, (label, values) in entries.items():
        wrong = (value for value in values if not isinstance(value, str))
        yield from (
            Problem(where, _("{label} is a text, not {value!r}.").format(label=label, value=value)) for value in wrong
        )


def wrong_words(policy: Policy) -> Iterator[Problem]:
    entries = {
        "kind": (_("Matches"), policy.kind, KINDS),
        "idempotency": (_("Safe to repeat"), policy.idempotency, IDEMPOTENCY),
        "lost": (_("Lost work"), policy.lost, LOST),
        "catch_up": (_("Catch up"), policy.catch_up, CATCH_UP),
        "overlap": (_("Overlap"), policy.overlap, OVERLAP),
    }
    for where, (label, value, allowed) in entries.items():
        if value not in allowed:
            yield Problem(
                where,
                _("{label} is one of {allowed}, not {value!r}.").format(
                    label=label, allowed=", ".join(allowed), value=value
                ),
            )
    if policy.limit is not None and policy.limit.per not in PER:
        yield Problem(
            "limit.per",
            _("A limit counts by {allowed}, not by {per!r}.").format(allowed=", ".join(PER), per=policy.limit.per),
        )
    for name in policy.alerts.on:
        if name not in ALERTS_ON:
            yield Problem(
                "alerts.on",
                _("There is no alert on {name!r}, but on {alerts_on}.").format(
                    name=name, alerts_on=", ".join(ALERTS_ON)
                ),
            )
