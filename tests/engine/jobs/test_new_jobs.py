"""A job that is made in the page: what is offered, what is refused, and what the audit trail keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from redis import Redis

from job_console.engine.errors import BadRequest, Forbidden
from job_console.engine.jobs import limits, new_jobs
from job_console.engine.jobs.new_jobs import NewJob
from job_console.engine.jobs.redact import HIDDEN
from job_console.engine.models.outcomes import Outcome
from job_console.engine.service import Console, Engine, Viewer

NOW = datetime(2026, 11, 30, 18, 0, tzinfo=timezone.utc)
NEW = NewJob("shop.stock.sync", {"item": "I-1"}, "short", 60, None, "after the import")


def check(new: NewJob) -> None:
    new_jobs.check(new, ["shop.stock.sync"], ["short", "long"], ["queue", "job_id"], NOW)


def test_functions_are_offered_and_what_runs_anything_is_not() -> None:
    seen = [
        "shop.stock.sync",
        "shop.stock.sync",
        "Sales Invoice.submit",
        "(other)",
        "nightly",
        "frappe.utils.background_jobs.run_doc_method",
        "frappe.utils.background_jobs.execute_job",
        "frappe.model.document.execute_action",
        "frappe.utils.safe_exec.call_whitelisted_function",
        "frappe.utils.task_queue._execute_task",
        "frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job",
        "job_console.runtime.chunks.parts.run_part",
    ]
    assert new_jobs.offered(seen, {"Sales Invoice"}) == ["shop.stock.sync"]


def test_what_makes_sense_passes() -> None:
    check(NEW)
    check(replace(NEW, queue="", timeout_s=None, at=NOW + timedelta(days=29), arguments={}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": "os.system"}, "only what has run"),
        ({"queue": "extra"}, "no queue 'extra'"),
        ({"arguments": {"job_id": "x"}}, "'job_id' for itself"),
        ({"arguments": {"text": "x" * limits.NEW_JOB_CHARS}}, "too large"),
        ({"timeout_s": 0}, "1 to 86,400"),
        ({"timeout_s": 86_401}, "1 to 86,400"),
        ({"at": NOW}, "in the future"),
        ({"at": NOW + timedelta(days=31)}, "within"),
        ({"reason": ""}, "Say why"),
        ({"reason": "x" * 2_000}, "A reason has at most"),
    ],
)
def test_what_does_not_is_refused_with_a_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        check(replace(NEW, **change))


def test_the_trail_has_who_why_and_with_what_and_no_secret(redis: Redis) -> None:
    actions = Engine(redis).console(Viewer("mia@x", "a.localhost", may_act=True)).actions
    new = replace(NEW, arguments={"item": "I-1", "password": "hunter2", "card": "4111"})
    made = Outcome("a.localhost||1", True, "", "queued", new_job_id="a.localhost||1")
    (result,) = actions.made(new, made, "b:short", ["card"])["results"]
    assert (result["ok"], result["new_job_id"]) == (True, "a.localhost||1")
    (entry,) = actions.audit()["entries"]
    assert (entry["actor"], entry["action"], entry["method"]) == ("mia@x", "make_job", "shop.stock.sync")
    assert (entry["job_id"], entry["state_after"], entry["queue"]) == ("a.localhost||1", "queued", "b:short")
    assert entry["reason"] == f"after the import. With item: 'I-1', password: {HIDDEN!r}, card: {HIDDEN!r}"


def test_who_may_only_look_makes_none(console: Console, redis: Redis) -> None:
    looks = Engine(redis).console(Viewer("kim@x", "a.localhost")).actions
    with pytest.raises(Forbidden):
        looks.made(NEW, Outcome("j", True, "", "queued"), "b:short")
    assert console.actions.audit()["entries"] == []
