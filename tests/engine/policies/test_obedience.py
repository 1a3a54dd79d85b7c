"""What a run obeyed is told by what its job carries and by what its process sees; counted by path, for a day."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from job_console.engine.history import hourly
from job_console.engine.history import limits as history_limits
from job_console.engine.models.policies import Limit, Policy
from job_console.engine.policies import obedience
from job_console.engine.policies.obedience import Obeyed

SITE = "a.localhost"
POLICY = Policy("P", "method", "shop.sync", queue="long", timeout_s=600, key="{*}", lock="bed", limit=Limit(2))
PLAIN = "shop.sync"
TASK = "frappe.utils.task_queue._execute_task"
NOW = datetime(2026, 11, 30, 12, 30, tzinfo=timezone.utc)


def marked(path: str, *missed: str) -> dict[str, Any]:
    return obedience.mark({"of": "mine"}, path, missed)


@pytest.mark.parametrize(
    ("meta", "lane", "timeout", "path", "missed"),
    [
        (marked("frappe.enqueue"), "long", 600, "frappe.enqueue", set()),
        (marked("frappe.enqueue"), "short", 300, "frappe.enqueue", {"queue", "timeout"}),
        (marked("frappe.enqueue", "key"), "long", 600, "frappe.enqueue", {"key"}),
        # What was settled when it was made is looked at again: it may have been moved since.
        (marked("frappe.enqueue", "queue"), "long", 600, "frappe.enqueue", set()),
        (marked("background_task"), "long", 600, "background_task", {"key"}),
        (marked("rq"), "long", 600, "rq", {"limit", "lock"}),
        ({"of": "mine"}, "long", 600, "frappe.enqueue", {"key"}),
        (None, "long", 600, "frappe.enqueue", {"key"}),
        ({"job_console": "not ours"}, "long", 600, "frappe.enqueue", {"key"}),
    ],
)
def test_what_a_run_obeyed(meta: Any, lane: str, timeout: float, path: str, missed: set[str]) -> None:
    found = obedience.of_run(POLICY, PLAIN, lane, timeout, meta)
    assert (found.path, set(found.missed)) == (path, missed)


def test_what_a_policy_does_not_say_cannot_be_missed() -> None:
    bare = Policy("P", "method", "shop.sync")
    assert obedience.of_run(bare, TASK, "short", 300, None) == Obeyed("background_task", 1, {})


def test_a_mark_leaves_what_is_there() -> None:
    assert marked("rq", "key")["of"] == "mine"


def test_paths_of_the_last_day_are_reported_by_policy(redis: Any) -> None:
    for path, *missed in (("frappe.enqueue",), ("frappe.enqueue", "queue"), ("scheduler",)):
        obedience.count(redis, SITE, POLICY, Obeyed(path, 1, dict.fromkeys(missed, 1)), NOW)
    other = Policy("P\nQ", "method", "shop.pull")
    obedience.count(redis, SITE, other, Obeyed("rq", 1), NOW)
    obedience.count(redis, "b.localhost", POLICY, Obeyed("rq", 1), NOW)
    obedience.count(redis, SITE, POLICY, Obeyed("rq", 1), NOW - timedelta(hours=26))
    assert obedience.last_day(redis, SITE, "P", NOW) == [
        Obeyed("frappe.enqueue", 2, {"queue": 1}),
        Obeyed("scheduler", 1),
    ]


def test_counters_have_a_bound_and_an_end(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_limits, "HOURLY_FIELDS", 3)
    for number in range(10):
        hourly.add(redis, "test", SITE, {f"m{number}": 2}, NOW)
    assert hourly.last_day(redis, "test", SITE, NOW) == {"m0": 2, "m1": 2, "m2": 2, hourly.OTHERS: 14}
    (key,) = redis.keys("*:test:*")
    assert 0 < redis.ttl(key) <= history_limits.RAN_TTL_S


def test_what_a_process_has_counted_is_written_once_and_bounded(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_limits, "HOURLY_FIELDS", 2)
    pending = hourly.Pending()
    for number in range(5):
        pending.note(SITE, f"m{number}")
    assert len(pending) == 2
    pending.flush(redis, "test", NOW)
    pending.flush(redis, "test", NOW)
    assert len(pending) == 0
    assert hourly.last_day(redis, "test", SITE, NOW) == {"m0": 1, "m1": 1}
