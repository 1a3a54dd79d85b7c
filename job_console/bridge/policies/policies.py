"""Publishes the site's policies to Redis, and answers what the form of a policy asks."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import frappe
from frappe import _
from frappe.utils.background_jobs import get_queues_timeout

from job_console.bridge.access import console
from job_console.bridge.connection import engine
from job_console.bridge.policies.form import DOCTYPE, policy_of, values_of
from job_console.engine.errors import BadRequest, RedisUnavailable
from job_console.engine.models.policies import Policy, from_json
from job_console.engine.models.policy_match import PolicySet
from job_console.engine.policies import store
from job_console.engine.redis.link import reaching_redis


def publish() -> None:
    """Publish the enabled policies of this site, as its database has them now. Raises RedisUnavailable."""
    if not frappe.db.table_exists(DOCTYPE):
        return  # the app is being installed
    redis, site = engine().redis, frappe.local.site
    with reaching_redis():
        ticket = store.take_ticket(redis)
        methods = _scheduled_methods()
        records = frappe.get_all(DOCTYPE, filters={"enabled": 1}, fields=["*"])
        policies = [_with_method(policy_of(record), methods) for record in records]
        store.publish(redis, site, policies, ticket, _chosen("after_commit"), _chosen("hide_own_jobs"))
    engine().policies.forget(site)


def try_to_publish() -> None:
    """Publish after a document was saved; a failure is reported, and does not undo the save."""
    try:
        publish()
    except RedisUnavailable as error:
        frappe.msgprint(
            _("It is saved, but not obeyed yet: {0} It will be with the next change or migration.").format(error),
            indicator="orange",
        )


def _chosen(fieldname: str) -> bool:
    """The site's setting for all its jobs. False before the migration that adds the field."""
    settings = "Job Console Settings"
    migrated = frappe.db.exists("DocType", settings) and frappe.get_meta(settings).has_field(fieldname)
    return bool(migrated and frappe.db.get_single_value(settings, fieldname, cache=False))


def here() -> PolicySet:
    """The policies of this site; published again first if Redis has lost them. Raises RedisUnavailable."""
    site = frappe.local.site
    with reaching_redis():
        found = engine().policies.of(site)
        if found is None:
            publish()
            found = engine().policies.of(site)
    return found or PolicySet()


def tried(values: Mapping[str, Any]) -> dict[str, Any]:
    """Which jobs of the last day the policy in a form would have matched. Raises BadRequest."""
    return console().policies.would_match(_with_method(policy_of(values), _scheduled_methods()))


def mistakes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All mistakes in a form, each with its field."""
    return [asdict(each) for each in frappe.new_doc(DOCTYPE).update(values).mistakes()]


def drafted(job_id: str) -> dict[str, Any]:
    """The fields of a new policy for the jobs of this one's method, from what was observed. Raises NoSuchJob."""
    found = console().policies.draft(job_id, lane_limits())
    return {"values": values_of(from_json(found["policy"])), "observed": found["observed"]}


def record_repeat(job_id: str, answer: str) -> str:
    """Write into the policy of this job's method whether it may run twice; creates the policy if there is none.

    Returns the policy's name. Raises BadRequest, NoSuchJob.
    """
    if answer not in ("Safe", "Unsafe"):
        raise BadRequest(_("It is Safe or Unsafe to repeat, not {answer!r}.").format(answer=answer))
    job = console().jobs.show(job_id)
    known = job["policy"]
    if known is None and job["kind"] not in ("method", "document"):
        raise BadRequest(_("A policy for a schedule is made in its form."))
    if known is not None and known["kind"] == "glob":
        raise BadRequest(
            _("Its policy {policy} is for many methods: say it there, or make one for this method.").format(
                policy=known["name"]
            )
        )
    if known is None:
        doc = frappe.get_doc({"doctype": "Job Policy", "match_by": "Method", "method": job["method"]})
    else:
        doc = frappe.get_doc("Job Policy", known["name"])
    doc.idempotency = answer
    return doc.save().name


def lane_limits() -> dict[str, float]:
    """The timeout of each lane of this bench, in seconds."""
    return {name: float(seconds) for name, seconds in get_queues_timeout().items()}


def _with_method(policy: Policy, methods: Mapping[str, str]) -> Policy:
    return replace(policy, scheduled_method=methods.get(policy.pattern)) if policy.kind == "schedule" else policy


def _scheduled_methods() -> dict[str, str]:
    return dict(frappe.get_all("Scheduled Job Type", fields=["name", "method"], as_list=True))
