"""Job Policy records as the engine's policies, and published to Redis."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import frappe
from frappe.utils.background_jobs import get_queues_timeout

from job_console.bridge.access import console
from job_console.bridge.connection import engine
from job_console.engine.errors import BadRequest
from job_console.engine.models.policies import Alerts, Backoff, Limit, Policy, from_json
from job_console.engine.models.policy_match import PolicySet
from job_console.engine.policies import delays, store
from job_console.engine.policies.check import unreadable
from job_console.engine.redis.link import reaching_redis

DOCTYPE = "Job Policy"
_KINDS = {"Method": "method", "Scheduled Job Type": "schedule", "Pattern": "glob"}
_TARGETS = {"method": "method", "schedule": "scheduled_job_type", "glob": "pattern"}
_CATCH_UP = {"Run Once": "once", "Skip": "skip", "Run All": "all"}
_OVERLAP = {"Skip": "skip", "Queue One": "queue", "Allow": "allow", "Cancel the Older": "cancel"}
_ALERTS = {"alert_failed": "failed", "alert_gave_up": "gave_up", "alert_warning": "warning"}
_LIST = "List of Delays"


def policy_of(said: Mapping[str, Any]) -> Policy:
    """What a Job Policy says: a document's fields, as they are or as text. Raises BadRequest."""
    if not isinstance(said, Mapping):
        raise BadRequest(f"A policy is told by its fields, not by {said!r}.")
    text, number, lines = partial(_text, said), partial(_number, said), partial(_lines, said)
    kind = _KINDS.get(text("match_by") or "Method", "")
    runs = int(number("max_runs"))
    return Policy(
        name=text("name"),
        kind=kind,
        pattern=text(_TARGETS.get(kind, "")).strip(),
        queue=text("queue") or None,
        timeout_s=number("timeout") or None,  # forms send 0 for what was left empty
        expected_s=number("expected_duration") or None,
        overrun_factor=number("overrun_factor"),
        longest_wait_s=number("longest_wait") or None,
        attempts=int(number("attempts")),
        backoff=Backoff(
            delays_s=delays.parse(text("delays")) if text("backoff") == _LIST else (),
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


def values_of(policy: Policy) -> dict[str, Any]:
    """The fields of a Job Policy that says this; the other way round from `policy_of`. Raises BadRequest."""
    if wrong := unreadable(policy):
        raise BadRequest(" ".join(wrong))
    limit, backoff, alerts = policy.limit, policy.backoff, policy.alerts
    return {
        "match_by": _name(_KINDS, policy.kind),
        _TARGETS[policy.kind]: policy.pattern,
        "queue": policy.queue,
        "timeout": policy.timeout_s,
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
    """What code can say of a Job Policy: all but what it is for."""
    return {name: value for name, value in values_of(policy).items() if name not in ("match_by", *_TARGETS.values())}


def overridden(said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a Job Policy that people have changed, with what the code says instead."""
    declared = frappe.parse_json(said.get("declared") or "{}")
    return {name: value for name, value in declared.items() if not is_same(said.get(name), value)}


def is_same(one: Any, other: Any) -> bool:
    """Whether two values of a field say the same: forms and databases write nothing in several ways."""
    if isinstance(one, (int, float)) or isinstance(other, (int, float)):
        return float(one or 0) == float(other or 0)
    return str(one or "").split() == str(other or "").split()


def publish() -> None:
    """The enabled policies of this site, as its database has them now. Raises RedisUnavailable."""
    if not frappe.db.table_exists(DOCTYPE):
        return  # the app is being installed
    redis, site = engine().redis, frappe.local.site
    with reaching_redis():
        ticket = store.take_ticket(redis)
        methods = _scheduled_methods()
        records = frappe.get_all(DOCTYPE, filters={"enabled": 1}, fields=["*"])
        store.publish(redis, site, [_with_method(policy_of(record), methods) for record in records], ticket)
    engine().policies.forget(site)


def here() -> PolicySet:
    """The policies of this site, published first where Redis has lost them. Raises RedisUnavailable."""
    site = frappe.local.site
    with reaching_redis():
        found = engine().policies.of(site)
        if found is None:
            publish()
            found = engine().policies.of(site)
    return found or PolicySet()


def tried(said: Mapping[str, Any]) -> dict[str, Any]:
    """Which jobs of the last day a form would have been for, as it stands. Raises BadRequest."""
    return console().policies.would_match(_with_method(policy_of(said), _scheduled_methods()))


def drafted(job_id: str) -> dict[str, Any]:
    """The fields of a new policy for the jobs of this one's method, from what was observed. Raises NoSuchJob."""
    found = console().policies.draft(job_id, lane_limits())
    return {"values": values_of(from_json(found["policy"])), "observed": found["observed"]}


def record_repeat(job_id: str, answer: str) -> str:
    """Whether this job's method may run twice, as its policy says from now on: a new one where there is none.

    Returns the policy's name. Raises BadRequest, NoSuchJob.
    """
    if answer not in ("Safe", "Unsafe"):
        raise BadRequest(f"It is Safe or Unsafe to repeat, not {answer!r}.")
    job = console().jobs.show(job_id)
    known = job["policy"]
    if known is None and job["kind"] not in ("method", "document"):
        raise BadRequest("A policy for a schedule is made in its form.")
    if known is not None and known["kind"] == "glob":
        raise BadRequest(f"Its policy {known['name']} is for many methods: say it there, or make one for this method.")
    if known is None:
        doc = frappe.get_doc({"doctype": "Job Policy", "match_by": "Method", "method": job["method"]})
    else:
        doc = frappe.get_doc("Job Policy", known["name"])
    doc.idempotency = answer
    return doc.save().name


def lane_limits() -> dict[str, float]:
    """How long a job of each lane of this bench may run."""
    return {name: float(seconds) for name, seconds in get_queues_timeout().items()}


def _with_method(policy: Policy, methods: Mapping[str, str]) -> Policy:
    return replace(policy, scheduled_method=methods.get(policy.pattern)) if policy.kind == "schedule" else policy


def _scheduled_methods() -> dict[str, str]:
    return dict(frappe.get_all("Scheduled Job Type", fields=["name", "method"], as_list=True))


def _number(said: Mapping[str, Any], fieldname: str) -> float:
    value = said.get(fieldname) or 0
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise BadRequest(f"{_label(fieldname)} is a number, not {value!r}. Durations are in seconds.")
    return number


def _text(said: Mapping[str, Any], fieldname: str) -> str:
    value = said.get(fieldname) or ""
    if not isinstance(value, (str, int)):  # a name may be a number
        raise BadRequest(f"{_label(fieldname)} is a text, not {value!r}.")
    return str(value)


def _lines(said: Mapping[str, Any], fieldname: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in _text(said, fieldname).splitlines() if line.strip())


def _label(fieldname: str) -> str:
    return frappe.get_meta(DOCTYPE).get_label(fieldname)


def _name(names: Mapping[str, str], value: str) -> str:
    return next(name for name, each in names.items() if each == value)
