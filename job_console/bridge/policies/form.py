"""Converts Job Policy records, and forms that are being filled in, to the engine's policies, and back."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import frappe

from job_console.engine.errors import BadRequest
from job_console.engine.messages import _, joined
from job_console.engine.models.policies import Alerts, Backoff, Limit, Policy
from job_console.engine.policies import delays
from job_console.engine.policies.values import Problem, unreadable

DOCTYPE = "Job Policy"
_KINDS = {"Method": "method", "Scheduled Job Type": "schedule", "Pattern": "glob"}
_TARGETS = {"method": "method", "schedule": "scheduled_job_type", "glob": "pattern"}
_CATCH_UP = {"Run Once": "once", "Skip": "skip", "Run All": "all"}
_OVERLAP = {"Skip": "skip", "Queue One": "queue", "Allow": "allow", "Cancel the Older": "cancel"}
_ALERTS = {"alert_failed": "failed", "alert_gave_up": "gave_up", "alert_warning": "warning"}
_LIST = "List of Delays"
#: The doctype's field for each field of a policy.
FIELDNAMES = {
    "kind": "match_by",
    "queue": "queue",
    "timeout_s": "timeout",
    "after_commit": "after_commit",
    "expected_s": "expected_duration",
    "overrun_factor": "overrun_factor",
    "longest_wait_s": "longest_wait",
    "attempts": "attempts",
    "backoff.delays_s": "delays",
    "backoff.first_s": "first_delay",
    "backoff.factor": "backoff_factor",
    "backoff.cap_s": "longest_delay",
    "backoff.jitter": "jitter",
    "retry_on": "retry_on",
    "never_on": "never_on",
    "idempotency": "idempotency",
    "key": "unique_key",
    "limit": "max_runs",
    "limit.runs": "max_runs",
    "limit.per": "runs_per",
    "limit.key": "runs_key",
    "lock": "lock_key",
    "lock_wait_s": "lock_wait",
    "lost": "lost_work",
    "alerts.to": "alert_to",
    "alerts.on": "alert_failed",
    "alerts.cooldown_s": "alert_cooldown",
    "sensitive": "sensitive_arguments",
    "catch_up": "catch_up",
    "overlap": "overlap",
}


def policy_of(values: Mapping[str, Any]) -> Policy:
    """The policy of a document's fields, which may be text. Raises BadRequest."""
    policy, problems = read(values)
    if problems:
        raise BadRequest(joined([str(each) for each in problems]))
    return policy


def read(values: Mapping[str, Any]) -> tuple[Policy, list[Problem]]:
    """As `policy_of`, with the values that cannot be read, by the doctype's fields. Raises BadRequest when `values` is
    not a mapping.
    """
    if not isinstance(values, Mapping):
        raise BadRequest(_("A policy is told by its fields, not by {values!r}.").format(values=values))
    problems: list[Problem] = []
    text, number, lines = (
        partial(_text, values, problems),
        partial(_number, values, problems),
        partial(_lines, values, problems),
    )
    kind = _KINDS.get(text("match_by") or "Method", "")
    runs = int(number("max_runs"))
    policy = Policy(
        name=text("name"),
        kind=kind,
        pattern=text(_TARGETS.get(kind, "")).strip(),
        queue=text("queue") or None,
        timeout_s=number("timeout") or None,  # forms send 0 for what was left empty
        after_commit=bool(number("after_commit")),
        expected_s=number("expected_duration") or None,
        overrun_factor=number("overrun_factor"),
        longest_wait_s=number("longest_wait") or None,
        attempts=int(number("attempts")),
        backoff=Backoff(
            delays_s=_delays(values, problems) if text("backoff") == _LIST else (),
            first_s=number("first_delay"),
            factor=number("backoff_factor"),
            cap_s=number("longest_delay"),
            jitter=number("jitter") / 100,
        ),
        retry_on=lines("retry_on"),
        never_on=lines("never_on"),
        idempotency=text("idempotency").lower(),
        key=text("unique_key") or None,
        limit=Limit(runs, text("runs_per").lower(), text("runs_key") or None) if runs else None,
        lock=text("lock_key") or None,
        lock_wait_s=number("lock_wait"),
        lost=text("lost_work").lower(),
        alerts=Alerts(
            to=lines("alert_to"),
            on=tuple(name for fieldname, name in _ALERTS.items() if number(fieldname)),
            cooldown_s=number("alert_cooldown"),
        ),
        sensitive=lines("sensitive_arguments"),
        catch_up=_CATCH_UP.get(text("catch_up"), ""),
        overlap=_OVERLAP.get(text("overlap"), ""),
        source=text("source").lower(),
    )
    return policy, list(dict.fromkeys(problems))


def fieldname(policy: Policy, field: str) -> str:
    """The doctype's field for a field of the policy."""
    return _TARGETS.get(policy.kind, "match_by") if field == "pattern" else FIELDNAMES[field]


def values_of(policy: Policy) -> dict[str, Any]:
    """The fields of the Job Policy for a policy: the inverse of `policy_of`. Raises BadRequest."""
    if wrong := unreadable(policy):
        raise BadRequest(" ".join(map(str, wrong)))
    limit, backoff, alerts = policy.limit, policy.backoff, policy.alerts
    return {
        "match_by": _name(_KINDS, policy.kind),
        _TARGETS[policy.kind]: policy.pattern,
        "queue": policy.queue,
        "timeout": policy.timeout_s,
        "after_commit": int(policy.after_commit),
        "expected_duration": policy.expected_s,
        "overrun_factor": policy.overrun_factor,
        "longest_wait": policy.longest_wait_s,
        "attempts": policy.attempts,
        "backoff": _LIST if backoff.delays_s else "Exponential",
        "delays": delays.spelled(backoff.delays_s),
        "first_delay": backoff.first_s,
        "backoff_factor": backoff.factor,
        "longest_delay": backoff.cap_s,
        "jitter": backoff.jitter * 100,
        "retry_on": "\n".join(policy.retry_on),
        "never_on": "\n".join(policy.never_on),
        "idempotency": policy.idempotency.title(),
        "lost_work": policy.lost.title(),
        "unique_key": policy.key,
        "lock_key": policy.lock,
        "lock_wait": policy.lock_wait_s,
        "max_runs": limit.runs if limit else 0,
        "runs_per": (limit.per if limit else "site").title(),
        "runs_key": limit.key if limit else None,
        "catch_up": _name(_CATCH_UP, policy.catch_up),
        "overlap": _name(_OVERLAP, policy.overlap),
        "alert_to": "\n".join(alerts.to),
        "alert_cooldown": alerts.cooldown_s,
        **{fieldname: int(name in alerts.on) for fieldname, name in _ALERTS.items()},
        "sensitive_arguments": "\n".join(policy.sensitive),
    }


def declared_values(policy: Policy) -> dict[str, Any]:
    """The fields that code can declare: all except those that say which jobs the policy is for."""
    return {name: value for name, value in values_of(policy).items() if name not in ("match_by", *_TARGETS.values())}


def overridden(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a Job Policy that people have changed, each with the value that the code declares."""
    declared = frappe.parse_json(values.get("declared") or "{}")
    return {name: value for name, value in declared.items() if not is_same(values.get(name), value)}


def is_same(one: Any, other: Any) -> bool:
    """Whether two values of a field are equal; forms and databases have several values for an empty field."""
    if isinstance(one, (int, float)) or isinstance(other, (int, float)):
        return float(one or 0) == float(other or 0)
    return str(one or "").split() == str(other or "").split()


def _number(values: Mapping[str, Any], problems: list[Problem], fieldname: str) -> float:
    value = values.get(fieldname) or 0
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        text = _("{label} is a number, not {value!r}. Durations are in seconds.").format(
            label=_label(fieldname), value=value
        )
        problems.append(Problem(fieldname, text))
        return 0.0
    return number


def _text(values: Mapping[str, Any], problems: list[Problem], fieldname: str) -> str:
    value = values.get(fieldname) or ""
    if not isinstance(value, (str, int)):  # a name may be a number
        problems.append(
            Problem(fieldname, _("{label} is a text, not {value!r}.").format(label=_label(fieldname), value=value))
        )
        return ""
    return str(value)


def _lines(values: Mapping[str, Any], problems: list[Problem], fieldname: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in _text(values, problems, fieldname).splitlines() if line.strip())


def _delays(values: Mapping[str, Any], problems: list[Problem]) -> tuple[float, ...]:
    try:
        return delays.parse(_text(values, problems, "delays"))
    except BadRequest as error:
        problems.append(Problem("delays", str(error)))
        return ()


def _label(fieldname: str) -> str:
    return frappe.get_meta(DOCTYPE).get_label(fieldname)


def _name(names: Mapping[str, str], value: str) -> str:
    return next(name for name, each in names.items() if each == value)
