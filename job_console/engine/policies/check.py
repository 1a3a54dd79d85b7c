"""Checks a policy: every mistake as a sentence, with its field. Pure: `Facts` say what the bench has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import BadRequest
from ..history import limits as history_limits
from ..locks import limits as locks_limits
from ..messages import _, joined
from ..models.policies import Policy
from ..wording import duration
from . import limits, templates
from .values import Problem, wrong_types, wrong_words

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the bench has. `lanes`: the timeout of each lane in seconds, empty: not known; `parameters`: those of the
    function, None: not known.
    """

    lanes: Mapping[str, float] = field(default_factory=dict)
    parameters: tuple[str, ...] | None = None
    #: It takes any other argument too.
    takes_any: bool = False


def problems(policy: Policy, facts: Facts) -> list[Problem]:
    """All mistakes. When a value has the wrong type, only such mistakes are reported."""
    if wrong := wrong_types(policy):
        return [*wrong, *wrong_words(policy)]
    return [*wrong_words(policy), *(problem for check in _CHECKS for problem in check(policy, facts))]


def _pattern(policy: Policy, facts: Facts) -> Iterator[Problem]:
    if not policy.pattern.strip():
        yield Problem("pattern", _("Say which jobs it is for: a method, a Scheduled Job Type, or a pattern."))
    elif policy.kind == "glob" and "*" not in policy.pattern:
        yield Problem(
            "pattern",
            _("The pattern {pattern!r} has no * in it. For one method alone, match by method.").format(
                pattern=policy.pattern
            ),
        )
    elif policy.kind == "method" and "*" in policy.pattern:
        yield Problem(
            "pattern", _("{pattern!r} is a pattern, not a method: match by pattern.").format(pattern=policy.pattern)
        )
    if len(policy.pattern) > history_limits.METHOD_CHARS:
        yield Problem(
            "pattern",
            _("{pattern}… is longer than {method_chars} characters.").format(
                pattern=policy.pattern[:30], method_chars=history_limits.METHOD_CHARS
            ),
        )


def _lane(policy: Policy, facts: Facts) -> Iterator[Problem]:
    if not facts.lanes:
        return
    if policy.queue and policy.queue not in facts.lanes:
        yield Problem(
            "queue",
            _(
                "No worker serves a queue {queue!r}: this bench has {lanes}. More are made with "
                "`workers` in common_site_config.json."
            ).format(queue=policy.queue, lanes=", ".join(facts.lanes)),
        )
        return
    most = facts.lanes[policy.queue] if policy.queue else max(facts.lanes.values())
    if policy.timeout_s and policy.timeout_s > most:
        longer = [name for name, limit in facts.lanes.items() if limit >= policy.timeout_s]
        text = _("The queues of this bench are for jobs of up to {most}, and this timeout is {timeout}.")
        if policy.queue:
            text = _("The queue {queue!r} is for jobs of up to {most}, and this timeout is {timeout}.")
        text = text.format(queue=policy.queue, most=duration(most), timeout=duration(policy.timeout_s))
        advice = (
            _("Longer ones go to {longer}.").format(longer=" or ".join(longer))
            if longer
            else _("A longer limit is set with `workers`.")
        )
        yield Problem(
            "timeout_s",
            joined((text, advice)),
        )


def _times(policy: Policy, facts: Facts) -> Iterator[Problem]:
    given = {
        "timeout_s": (_("The timeout"), policy.timeout_s),
        "expected_s": (_("The expected duration"), policy.expected_s),
        "longest_wait_s": (_("The longest wait"), policy.longest_wait_s),
    }
    for where, (label, value) in given.items():
        if value is not None and value <= 0:
            yield Problem(
                where, _("{label} must be longer than nothing; leave it empty to say nothing.").format(label=label)
            )
    if policy.overrun_factor < 1:
        yield Problem(
            "overrun_factor",
            _("The overrun factor is at least 1: a run that takes what is expected is not overrunning."),
        )
    if policy.timeout_s and policy.expected_s and policy.expected_s >= policy.timeout_s:
        yield Problem(
            "expected_s",
            _("It is expected to take {duration}, but would be stopped by its timeout after {timeout}.").format(
                duration=duration(policy.expected_s), timeout=duration(policy.timeout_s)
            ),
        )


def _attempts(policy: Policy, facts: Facts) -> Iterator[Problem]:
    backoff, most = policy.backoff, limits.POLICY_ATTEMPTS
    if not 1 <= policy.attempts <= most:
        yield Problem("attempts", _("There are 1 to {most} attempts, the first one included.").format(most=most))
    delays = {"backoff.delays_s": backoff.delays_s, "backoff.first_s": [backoff.first_s]}
    if len(backoff.delays_s) > most:
        yield Problem("backoff.delays_s", _("There are more than {most} delays.").format(most=most))
    elif policy.attempts > 1 and len(backoff.delays_s) >= policy.attempts:
        text = _("There are {count} delays for {attempts} further attempts.").format(
            count=len(backoff.delays_s), attempts=policy.attempts - 1
        )
        yield Problem("backoff.delays_s", text)
    for where, values in {**delays, "backoff.cap_s": [backoff.cap_s]}.items():
        if any(not 0 <= delay <= limits.POLICY_DELAY_S for delay in values):
            yield Problem(
                where, _("A delay lasts from nothing to {duration}.").format(duration=duration(limits.POLICY_DELAY_S))
            )
    if backoff.factor < 1:
        yield Problem("backoff.factor", _("The back-off factor is at least 1: delays grow, they do not shrink."))
    if not backoff.delays_s and backoff.cap_s < backoff.first_s:
        first, longest = duration(backoff.first_s), duration(backoff.cap_s)
        yield Problem(
            "backoff.first_s",
            _("The first delay ({first}) is longer than the longest one ({longest}).").format(
                first=first, longest=longest
            ),
        )
    if not 0 <= backoff.jitter <= 1:
        yield Problem("backoff.jitter", _("Jitter is a share of the delay, from 0 to 100 %."))


def _exceptions(policy: Policy, facts: Facts) -> Iterator[Problem]:
    for where, names in (("retry_on", policy.retry_on), ("never_on", policy.never_on)):
        for name in names:
            if not _NAME.fullmatch(name):
                text = _(
                    "{name!r} is no name of an exception, such as ConnectionError or frappe.ValidationError."
                ).format(name=name)
                yield Problem(where, text)
    for name in sorted(set(policy.retry_on) & set(policy.never_on)):
        yield Problem("never_on", _("{name} cannot both be tried again and never be tried again.").format(name=name))


def _safety(policy: Policy, facts: Facts) -> Iterator[Problem]:
    if policy.idempotency == "unsafe":
        if policy.attempts > 1:
            text = _("What is not safe to repeat is not tried again by itself: one attempt, or say that it is safe.")
            yield Problem("attempts", text)
        if policy.lost == "requeue":
            text = _("What is not safe to repeat is not requeued by itself when its worker dies: ask, or let it fail.")
            yield Problem("lost", text)


def _keys(policy: Policy, facts: Facts) -> Iterator[Problem]:
    limit = policy.limit
    if limit is not None:
        if not 1 <= limit.runs <= locks_limits.LOCK_SLOTS_MAX:
            text = _("At most 1 to {lock_slots_max} run at once; leave it empty for no limit.").format(
                lock_slots_max=locks_limits.LOCK_SLOTS_MAX
            )
            yield Problem("limit.runs", text)
        if limit.per == "key" and not limit.key:
            yield Problem("limit.key", _("A limit by key needs a key, such as {example}.").format(example="{customer}"))
        if limit.per != "key" and limit.key:
            text = _("A limit by {per} has no use for the key {key!r}: count by key, or leave it empty.").format(
                per=limit.per, key=limit.key
            )
            yield Problem("limit.key", text)
    if policy.lock_wait_s < 0:
        yield Problem("lock_wait_s", _("A job cannot wait for its lock for less than nothing."))
    entries = {
        "key": (_("The key {template!r}"), policy.key),
        "lock": (_("The lock {template!r}"), policy.lock),
        "limit.key": (_("The limit's key {template!r}"), limit.key if limit else None),
    }
    for where, (what, template) in entries.items():
        if template:
            yield from _template(where, what.format(template=template), template, facts)


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
        yield from _unknown("sensitive", _("The list of sensitive arguments"), name, facts)


def _unknown(field: str, what: str, name: str, facts: Facts) -> Iterator[Problem]:
    if facts.parameters is None or facts.takes_any or name in facts.parameters:
        return
    text = _("{what} names {name!r}, which is no argument of the method: it takes none.")
    if facts.parameters:
        text = _("{what} names {name!r}, which is no argument of the method: it takes {parameters}.")
    yield Problem(
        field,
        text.format(what=what, name=name, parameters=", ".join(facts.parameters or ())),
    )


def _alerts(policy: Policy, facts: Facts) -> Iterator[Problem]:
    alerts = policy.alerts
    if alerts.on and not alerts.to:
        yield Problem("alerts.to", _("Say who is to be told."))
    if alerts.to and not alerts.on:
        yield Problem("alerts.on", _("Say what they are to be told of."))
    if alerts.cooldown_s < 0:
        yield Problem("alerts.cooldown_s", _("The pause between two alerts cannot be shorter than nothing."))


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
