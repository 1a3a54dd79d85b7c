"""The form's questions, answered from what really ran."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.errors import NoSuchJob
from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.models.bench import Usual
from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Policy
from job_console.engine.policies import store
from job_console.engine.policies.draft import draft
from job_console.engine.service import Engine, Viewer

from .. import bench

SITE = "a.localhost"
LANES = {"short": 300.0, "long": 1500.0}


def ran(redis: Any, engine: Engine, method: str, times: int = 1, site: str = SITE, seconds: float = 3.0) -> None:
    now = engine.watch.look().bench.at
    for _ in range(times):
        statistics.record(redis, EndedRun(method, bench.SHORT, "finished", now, run_s=seconds, site=site))


def test_a_policy_is_tried_on_the_sites_own_jobs(redis: Any, engine: Engine) -> None:
    store.publish(redis, SITE, [Policy("Sync", "method", "shop.sync")], store.take_ticket(redis))
    ran(redis, engine, "shop.sync", 4)
    ran(redis, engine, "crm.call", 2)
    ran(redis, engine, "shop.secret", 9, site="b.localhost")
    bench.enqueue(redis, "shop.count")
    bench.enqueue(redis, "shop.hidden", site="b.localhost")
    engine.watch.forget()
    tried = engine.console(Viewer("sam", SITE, True)).policies.would_match(Policy("", "glob", "shop.*"))
    assert tried == {
        "of_runs": 7,
        "matches": [
            {"method": "shop.sync", "scheduled": False, "runs": 4, "by": "Sync"},
            {"method": "shop.count", "scheduled": False, "runs": 1, "by": None},
        ],
    }


def test_a_policy_is_drafted_from_what_was_observed(redis: Any, engine: Engine) -> None:
    ran(redis, engine, "shop.sync", 98, seconds=7.9)
    ran(redis, engine, "shop.sync", 2, seconds=50.0)
    job = bench.enqueue(redis, "shop.sync")
    drafted = engine.console(Viewer("sam", SITE, True)).policies.draft(job.id, LANES)
    assert drafted["policy"] == {
        "name": "shop.sync", "kind": "method", "pattern": "shop.sync",
        "queue": "short", "expected_s": 10.0, "overrun_factor": 12.0, "timeout_s": 180.0,
    }  # fmt: skip
    assert drafted["observed"]["runs"] == 100


def test_nobody_drafts_from_another_sites_job(redis: Any, engine: Engine) -> None:
    job = bench.enqueue(redis, "shop.sync", site="b.localhost")
    with pytest.raises(NoSuchJob):
        engine.console(Viewer("sam", SITE, True)).policies.draft(job.id, LANES)


@pytest.mark.parametrize(
    ("median", "p99", "lane", "expected", "factor", "timeout"),
    [
        (0.001, 0.002, "short", 1, 2, 60),
        (3, 4, "short", 5, 2, 60),
        (60, 70, "short", 60, 3, 300),
        (240, 290, "short", None, 2, 300),  # what is expected takes all that its lane allows
        (600, 1200, "long", 600, 5, 1500),
        (4000, 7100, "backups", 7200, 2, 21_600),
    ],
)
def test_figures_are_round_and_fit_together(
    median: float, p99: float, lane: str, expected: float, factor: float, timeout: float
) -> None:
    usual = Usual(50, median, p99, 1.0)
    policy = draft(Call("shop.sync", "shop.sync", "method"), lane, usual, LANES.get(lane))
    assert (policy.expected_s, policy.overrun_factor, policy.timeout_s) == (expected, factor, timeout)


def test_a_schedule_gets_a_policy_of_its_own_and_nothing_is_made_up() -> None:
    policy = draft(Call("shop.pull", "shop.pull", "scheduled", scheduled_job="tasks.pull"), "long", None, 1500)
    assert policy == Policy("tasks.pull", "schedule", "tasks.pull", queue="long")
