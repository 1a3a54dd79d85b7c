"""What is wrong with a policy, in plain words. Pure: `Facts` hold what the bench has."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

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
    """`lanes`: how long a job of each lane may run; none: not known. `parameters` of the function: None: not known."""

    lanes: Mapping[str, float] = field(default_factory=dict)
    parameters: tuple[str, ...] | None = None
    #: It takes any other argument too.
    takes_any: bool = False


def problems(policy: Policy, facts: Facts) -> list[str]:
    return unreadable(policy) or [problem for check in _CHECKS for problem in check(policy, facts)]


def unreadable(policy: Policy) -> list[str]:
    """What stands where a number, a text or one of our words belongs. Such a policy is not checked further."""
    return [*_numbers(policy), *_texts(policy), *_words(policy)]


def _numbers(policy: Policy) -> Iterator[str]:
    backoff, limit = policy.backoff, policy.limit
    durations: dict[str, list[float]] = {
        "The timeout": [policy.timeout_s or 0],
        "The expected duration": [policy.expected_s or 0],
        "The longest wait": [policy.longest_wait_s or 0],
        "A delay": [*backoff.delays_s, backoff.first_s, backoff.cap_s],
        "The wait for the lock": [policy.lock_wait_s],
        "The pause between two alerts": [policy.alerts.cooldown_s],
    }
    numbers: dict[str, list[float]] = {
        "The overrun factor": [policy.overrun_factor],
        "Attempts": [policy.attempts],
        "The back-off factor": [backoff.factor],
        "Jitter": [backoff.jitter],
        "The limit": [limit.runs] if limit else [],
    }
    for what, said in (("a number of seconds", durations), ("a number", numbers)):
        for label, values in said.items():
            yield from (f"{label} is {what}, not {value!r}." for value in values if not _is_number(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _texts(policy: Policy) -> Iterator[str]:
    limit = policy.limit
    said = {
        "The queue": [policy.queue or ""],
        "A key": [policy.key or "", policy.lock or "", (limit.key if limit else "") or ""],
        "The name of an exception": [*policy.retry_on, *policy.never_on],
        "Who is to be told": policy.alerts.to,
        "A sensitive argument": policy.sensitive,
    }
    for label, values in said.items():
        for value in values:
            if not isinstance(value, str):
                yield f"{label} is a text, not {value!r}."


def _pattern(policy: Policy, facts: Facts) -> Iterator[str]:
    if not policy.pattern.strip():
        yield "Say which jobs it is for: a method, a Scheduled Job Type, or a pattern."
    elif policy.kind == "glob" and "*" not in policy.pattern:
        yield f"The pattern {policy.pattern!r} has no * in it. For one method alone, match by method."
    elif policy.kind == "method" and "*" in policy.pattern:
        yield f"{policy.pattern!r} is a pattern, not a method: match by pattern."
    if len(policy.pattern) > history_limits.METHOD_CHARS:
        yield f"{policy.pattern[:30]}… is longer than {history_limits.METHOD_CHARS} characters."


def _words(policy: Policy) -> Iterator[str]:
    said = {
        "Matches": (policy.kind, KINDS),
        "Safe to repeat": (policy.idempotency, IDEMPOTENCY),
        "Lost work": (policy.lost, LOST),
        "Catch up": (policy.catch_up, CATCH_UP),
        "Overlap": (policy.overlap, OVERLAP),
    }
    for label, (value, allowed) in said.items():
        if value not in allowed:
            yield f"{label} is one of {', '.join(allowed)}, not {value!r}."
    if policy.limit is not None and policy.limit.per not in PER:
        yield f"A limit counts by {', '.join(PER)}, not by {policy.limit.per!r}."
    for name in policy.alerts.on:
        if name not in ALERTS_ON:
            yield f"There is no alert on {name!r}, but on {', '.join(ALERTS_ON)}."


def _lane(policy: Policy, facts: Facts) -> Iterator[str]:
    if not facts.lanes:
        return
    if policy.queue and policy.queue not in facts.lanes:
        yield (
            f"No worker serves a queue {policy.queue!r}: this bench has {', '.join(facts.lanes)}. More are made with "
            "`workers` in common_site_config.json."
        )
        return
    most = facts.lanes[policy.queue] if policy.queue else max(facts.lanes.values())
    if policy.timeout_s and policy.timeout_s > most:
        longer = [name for name, limit in facts.lanes.items() if limit >= policy.timeout_s]
        where = f"The queue {policy.queue!r} is" if policy.queue else "The queues of this bench are"
        advice = f"Longer ones go to {' or '.join(longer)}" if longer else "A longer limit is set with `workers`"
        yield f"{where} for jobs of up to {duration(most)}, and this timeout is {duration(policy.timeout_s)}. {advice}."


def _times(policy: Policy, facts: Facts) -> Iterator[str]:
    given = {
        "The timeout": policy.timeout_s,
        "The expected duration": policy.expected_s,
        "The longest wait": policy.longest_wait_s,
    }
    for label, value in given.items():
        if value is not None and value <= 0:
            yield f"{label} must be longer than nothing; leave it empty to say nothing."
    if policy.overrun_factor < 1:
        yield "The overrun factor is at least 1: a run that takes what is expected is not overrunning."
    if policy.timeout_s and policy.expected_s and policy.expected_s >= policy.timeout_s:
        yield (
            f"It is expected to take {duration(policy.expected_s)}, but would be stopped by its timeout after "
            f"{duration(policy.timeout_s)}."
        )


def _attempts(policy: Policy, facts: Facts) -> Iterator[str]:
    backoff, most = policy.backoff, limits.POLICY_ATTEMPTS
    if not 1 <= policy.attempts <= most:
        yield f"There are 1 to {most} attempts, the first one included."
    if len(backoff.delays_s) > most:
        yield f"There are more than {most} delays."
    elif policy.attempts > 1 and len(backoff.delays_s) >= policy.attempts:
        yield f"There are {len(backoff.delays_s)} delays for {policy.attempts - 1} further attempts."
    if any(not 0 <= delay <= limits.POLICY_DELAY_S for delay in (*backoff.delays_s, backoff.first_s, backoff.cap_s)):
        yield f"A delay lasts from nothing to {duration(limits.POLICY_DELAY_S)}."
    if backoff.factor < 1:
        yield "The back-off factor is at least 1: delays grow, they do not shrink."
    if not backoff.delays_s and backoff.cap_s < backoff.first_s:
        yield (
            f"The first delay ({duration(backoff.first_s)}) is longer than the longest one ({duration(backoff.cap_s)})."
        )
    if not 0 <= backoff.jitter <= 1:
        yield "Jitter is a share of the delay, from 0 to 100 %."


def _exceptions(policy: Policy, facts: Facts) -> Iterator[str]:
    for name in (*policy.retry_on, *policy.never_on):
        if not _NAME.fullmatch(name):
            yield f"{name!r} is no name of an exception, such as ConnectionError or frappe.exceptions.ValidationError."
    for name in sorted(set(policy.retry_on) & set(policy.never_on)):
        yield f"{name} cannot both be tried again and never be tried again."


def _safety(policy: Policy, facts: Facts) -> Iterator[str]:
    if policy.idempotency == "unsafe":
        if policy.attempts > 1:
            yield "What is not safe to repeat is not tried again by itself: one attempt, or say that it is safe."
        if policy.lost == "requeue":
            yield "What is not safe to repeat is not requeued by itself when its worker dies: ask, or let it fail."


def _keys(policy: Policy, facts: Facts) -> Iterator[str]:
    limit = policy.limit
    if limit is not None:
        if not 1 <= limit.runs <= locks_limits.LOCK_SLOTS_MAX:
            yield f"At most 1 to {locks_limits.LOCK_SLOTS_MAX} run at once; leave it empty for no limit."
        if limit.per == "key" and not limit.key:
            yield "A limit by key needs a key, such as {customer}."
        if limit.per != "key" and limit.key:
            yield f"A limit by {limit.per} has no use for the key {limit.key!r}: count by key, or leave it empty."
    if policy.lock_wait_s < 0:
        yield "A job cannot wait for its lock for less than nothing."
    for label, template in (("key", policy.key), ("lock", policy.lock), ("limit's key", limit.key if limit else None)):
        if template:
            yield from _template(f"The {label} {template!r}", template, facts)


def _template(what: str, template: str, facts: Facts) -> Iterator[str]:
    try:
        named = templates.names(template)
    except BadRequest as error:
        yield str(error)
        return
    for name in named:
        if name not in templates.ABOUT:
            yield from _unknown(what, name, facts)


def _sensitive(policy: Policy, facts: Facts) -> Iterator[str]:
    for name in policy.sensitive:
        yield from _unknown("The list of sensitive arguments", name, facts)


def _unknown(what: str, name: str, facts: Facts) -> Iterator[str]:
    if facts.parameters is None or facts.takes_any or name in facts.parameters:
        return
    takes = f"it takes {', '.join(facts.parameters)}" if facts.parameters else "it takes none"
    yield f"{what} names {name!r}, which is no argument of the method: {takes}."


def _alerts(policy: Policy, facts: Facts) -> Iterator[str]:
    alerts = policy.alerts
    if alerts.on and not alerts.to:
        yield "Say who is to be told."
    if alerts.to and not alerts.on:
        yield "Say what they are to be told of."
    if alerts.cooldown_s < 0:
        yield "The pause between two alerts cannot be shorter than nothing."


_CHECKS: tuple[Callable[[Policy, Facts], Iterator[str]], ...] = (
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
