"""Checks a policy: every mistake as a sentence, with its field. Pure: `Facts` say what the bench has."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadRequest
from ..history import limits as history_limits
from ..locks import limits as locks_limits
from ..models.policies import CATCH_UP, IDEMPOTENCY, KINDS, LOST, OVERLAP, PER, Policy
from ..wording import duration
from . import limits, templates

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
ALERTS_ON = ("failed", "gave_up", "warning")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the bench has. `lanes`: the timeout of each lane in seconds, empty: not known; `parameters`: those of the
    function, None: not known.
    """

    lanes: Mapping[str, float] = field(default_factory=dict)
    parameters: tuple[str, ...] | None = None
    #: It takes any other argument too.
    takes_any: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    #: As `Policy` names it; of its parts `backoff.first_s`.
    field: str
    text: str

    def __str__(self) -> str:
        return self.text


def problems(policy: Policy, facts: Facts) -> list[Problem]:
    """All mistakes. When a value has the wrong type, only such mistakes are reported."""
    if wrong := [*_numbers(policy), *_texts(policy)]:
        return [*wrong, *_words(policy)]
    return [*_words(policy), *(problem for check in _CHECKS for problem in check(policy, facts))]


def unreadable(policy: Policy) -> list[Problem]:
    """Values of the wrong type: not a number, not a text, or none of the allowed words."""
    return [*_numbers(policy), *_texts(policy), *_words(policy)]


def _numbers(policy: Policy) -> Iterator[Problem]:
    backoff, limit = policy.backoff, policy.limit
    durations: dict[str, tuple[str, list[Any]]] = {
        "timeout_s": ("The timeout", [policy.timeout_s or 0]),
        "expected_s": ("The expected duration", [policy.expected_s or 0]),
        "longest_wait_s": ("The longest wait", [policy.longest_wait_s or 0]),
        "backoff.delays_s": ("A delay", list(backoff.delays_s)),
        "backoff.first_s": ("A delay", [backoff.first_s]),
        "backoff.cap_s": ("A delay", [backoff.cap_s]),
        "lock_wait_s": ("The wait for the lock", [policy.lock_wait_s]),
        "alerts.cooldown_s": ("The pause between two alerts", [policy.alerts.cooldown_s]),
    }
    numbers: dict[str, tuple[str, list[Any]]] = {
        "overrun_factor": ("The overrun factor", [policy.overrun_factor]),
        "attempts": ("Attempts", [policy.attempts]),
        "backoff.factor": ("The back-off factor", [backoff.factor]),
        "backoff.jitter": ("Jitter", [backoff.jitter]),
        "limit.runs": ("The limit", [limit.runs] if limit else []),
    }
    for what, entries in (("a number of seconds", durations), ("a number", numbers)):
        for where, (label, values) in entries.items():
            wrong = (value for value in values if not _is_number(value))
            yield from (Problem(where, f"{label} is {what}, not {value!r}.") for value in wrong)


def _is_number(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _texts(policy: Policy) -> Iterator[Problem]:
    limit = policy.limit
    entries: dict[str, tuple[str, Iterable[Any]]] = {
        "queue": ("The queue", [policy.queue or ""]),
        "key": ("A key", [policy.key or ""]),
        "lock": ("A key", [policy.lock or ""]),
        "limit.key": ("A key", [(limit.key if limit else "") or ""]),
        "retry_on": ("The name of an exception", policy.retry_on),
        "never_on": ("The name of an exception", policy.never_on),
        "alerts.to": ("Who is to be told", policy.alerts.to),
        "sensitive": ("A sensitive argument", policy.sensitive),
    }
    for where, (label, values) in entries.items():
        wrong = (value for value in values if not isinstance(value, str))
        yield from (Problem(where, f"{label} is a text, not {value!r}.") for value in wrong)


def _pattern(policy: Policy, facts: Facts) -> Iterator[Problem]:
    if not policy.pattern.strip():
        yield Problem("pattern", "Say which jobs it is for: a method, a Scheduled Job Type, or a pattern.")
    elif policy.kind == "glob" and "*" not in policy.pattern:
        yield Problem(
            "pattern", f"The pattern {policy.pattern!r} has no * in it. For one method alone, match by method."
        )
    elif policy.kind == "method" and "*" in policy.pattern:
        yield Problem("pattern", f"{policy.pattern!r} is a pattern, not a method: match by pattern.")
    if len(policy.pattern) > history_limits.METHOD_CHARS:
        yield Problem("pattern", f"{policy.pattern[:30]}… is longer than {history_limits.METHOD_CHARS} characters.")


def _words(policy: Policy) -> Iterator[Problem]:
    entries = {
        "kind": ("Matches", policy.kind, KINDS),
        "idempotency": ("Safe to repeat", policy.idempotency, IDEMPOTENCY),
        "lost": ("Lost work", policy.lost, LOST),
        "catch_up": ("Catch up", policy.catch_up, CATCH_UP),
        "overlap": ("Overlap", policy.overlap, OVERLAP),
    }
    for where, (label, value, allowed) in entries.items():
        if value not in allowed:
            yield Problem(where, f"{label} is one of {', '.join(allowed)}, not {value!r}.")
    if policy.limit is not None and policy.limit.per not in PER:
        yield Problem("limit.per", f"A limit counts by {', '.join(PER)}, not by {policy.limit.per!r}.")
    for name in policy.alerts.on:
        if name not in ALERTS_ON:
            yield Problem("alerts.on", f"There is no alert on {name!r}, but on {', '.join(ALERTS_ON)}.")


def _lane(policy: Policy, facts: Facts) -> Iterator[Problem]:
    if not facts.lanes:
        return
    if policy.queue and policy.queue not in facts.lanes:
        yield Problem(
            "queue",
            f"No worker serves a queue {policy.queue!r}: this bench has {', '.join(facts.lanes)}. More are made with "
            "`workers` in common_site_config.json.",
        )
        return
    most = facts.lanes[policy.queue] if policy.queue else max(facts.lanes.values())
    if policy.timeout_s and policy.timeout_s > most:
        longer = [name for name, limit in facts.lanes.items() if limit >= policy.timeout_s]
        where = f"The queue {policy.queue!r} is" if policy.queue else "The queues of this bench are"
        advice = f"Longer ones go to {' or '.join(longer)}" if longer else "A longer limit is set with `workers`"
        yield Problem(
            "timeout_s",
            f"{where} for jobs of up to {duration(most)}, and this timeout is {duration(policy.timeout_s)}. {advice}.",
        )


def _times(policy: Policy, facts: Facts) -> Iterator[Problem]:
    given = {
        "timeout_s": ("The timeout", policy.timeout_s),
        "expected_s": ("The expected duration", policy.expected_s),
        "longest_wait_s": ("The longest wait", policy.longest_wait_s),
    }
    for where, (label, value) in given.items():
        if value is not None and value <= 0:
            yield Problem(where, f"{label} must be longer than nothing; leave it empty to say nothing.")
    if policy.overrun_factor < 1:
        yield Problem(
            "overrun_factor", "The overrun factor is at least 1: a run that takes what is expected is not overrunning."
        )
    if policy.timeout_s and policy.expected_s and policy.expected_s >= policy.timeout_s:
        yield Problem(
            "expected_s",
            f"It is expected to take {duration(policy.expected_s)}, but would be stopped by its timeout after "
            f"{duration(policy.timeout_s)}.",
        )


def _attempts(policy: Policy, facts: Facts) -> Iterator[Problem]:
    backoff, most = policy.backoff, limits.POLICY_ATTEMPTS
    if not 1 <= policy.attempts <= most:
        yield Problem("attempts", f"There are 1 to {most} attempts, the first one included.")
    delays = {"backoff.delays_s": backoff.delays_s, "backoff.first_s": [backoff.first_s]}
    if len(backoff.delays_s) > most:
        yield Problem("backoff.delays_s", f"There are more than {most} delays.")
    elif policy.attempts > 1 and len(backoff.delays_s) >= policy.attempts:
        text = f"There are {len(backoff.delays_s)} delays for {policy.attempts - 1} further attempts."
        yield Problem("backoff.delays_s", text)
    for where, values in {**delays, "backoff.cap_s": [backoff.cap_s]}.items():
        if any(not 0 <= delay <= limits.POLICY_DELAY_S for delay in values):
            yield Problem(where, f"A delay lasts from nothing to {duration(limits.POLICY_DELAY_S)}.")
    if backoff.factor < 1:
        yield Problem("backoff.factor", "The back-off factor is at least 1: delays grow, they do not shrink.")
    if not backoff.delays_s and backoff.cap_s < backoff.first_s:
        first, longest = duration(backoff.first_s), duration(backoff.cap_s)
        yield Problem("backoff.first_s", f"The first delay ({first}) is longer than the longest one ({longest}).")
    if not 0 <= backoff.jitter <= 1:
        yield Problem("backoff.jitter", "Jitter is a share of the delay, from 0 to 100 %.")


def _exceptions(policy: Policy, facts: Facts) -> Iterator[Problem]:
    for where, names in (("retry_on", policy.retry_on), ("never_on", policy.never_on)):
        for name in names:
            if not _NAME.fullmatch(name):
                text = f"{name!r} is no name of an exception, such as ConnectionError or frappe.ValidationError."
                yield Problem(where, text)
    for name in sorted(set(policy.retry_on) & set(policy.never_on)):
        yield Problem("never_on", f"{name} cannot both be tried again and never be tried again.")


def _safety(policy: Policy, facts: Facts) -> Iterator[Problem]:
    if policy.idempotency == "unsafe":
        if policy.attempts > 1:
            text = "What is not safe to repeat is not tried again by itself: one attempt, or say that it is safe."
            yield Problem("attempts", text)
        if policy.lost == "requeue":
            text = "What is not safe to repeat is not requeued by itself when its worker dies: ask, or let it fail."
            yield Problem("lost", text)


def _keys(policy: Policy, facts: Facts) -> Iterator[Problem]:
    limit = policy.limit
    if limit is not None:
        if not 1 <= limit.runs <= locks_limits.LOCK_SLOTS_MAX:
            text = f"At most 1 to {locks_limits.LOCK_SLOTS_MAX} run at once; leave it empty for no limit."
            yield Problem("limit.runs", text)
        if limit.per == "key" and not limit.key:
            yield Problem("limit.key", "A limit by key needs a key, such as {customer}.")
        if limit.per != "key" and limit.key:
            text = f"A limit by {limit.per} has no use for the key {limit.key!r}: count by key, or leave it empty."
            yield Problem("limit.key", text)
    if policy.lock_wait_s < 0:
        yield Problem("lock_wait_s", "A job cannot wait for its lock for less than nothing.")
    entries = {
        "key": ("key", policy.key),
        "lock": ("lock", policy.lock),
        "limit.key": ("limit's key", limit.key if limit else None),
    }
    for where, (label, template) in entries.items():
        if template:
            yield from _template(where, f"The {label} {template!r}", template, facts)


def _template(field: str, what: str, template: str, facts: Facts) -> Iterator[Problem]:
    try:
        named = templates.names(template)
    except BadRequest as error:
        yield Problem(field, str(error))
        return
    for name in named:
        if name not in templates.ABOUT:
            yield from _unknown(field, what, name, facts)


def _sensitive(policy: Policy, facts: Facts) -> Iterator[Problem]:
    for name in policy.sensitive:
        yield from _unknown("sensitive", "The list of sensitive arguments", name, facts)


def _unknown(field: str, what: str, name: str, facts: Facts) -> Iterator[Problem]:
    if facts.parameters is None or facts.takes_any or name in facts.parameters:
        return
    takes = f"it takes {', '.join(facts.parameters)}" if facts.parameters else "it takes none"
    yield Problem(field, f"{what} names {name!r}, which is no argument of the method: {takes}.")


def _alerts(policy: Policy, facts: Facts) -> Iterator[Problem]:
    alerts = policy.alerts
    if alerts.on and not alerts.to:
        yield Problem("alerts.to", "Say who is to be told.")
    if alerts.to and not alerts.on:
        yield Problem("alerts.on", "Say what they are to be told of.")
    if alerts.cooldown_s < 0:
        yield Problem("alerts.cooldown_s", "The pause between two alerts cannot be shorter than nothing.")


_CHECKS: tuple[Callable[[Policy, Facts], Iterator[Problem]], ...] = (
    _pattern,
    _lane,
    _times,
    _attempts,
    _exceptions,
    _safety,
    _keys,
    _sensitive,
    _alerts,
)
