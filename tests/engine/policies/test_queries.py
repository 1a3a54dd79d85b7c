"""The form's questions, answered from what really ran."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.errors import NoSuchJob
from job_console.engine.history import hourly, statistics
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
    assert tried["of_runs"] == 7
    assert tried["matches"] == [
        {"method": "shop.sync", "scheduled": False, "runs": 4, "by": "Sync"},
        {"method": "shop.count", "scheduled": False, "runs": 1, "by": None},
    ]


def test_it_says_what_would_have_changed_and_what_waits(redis: Any, engine: Engine) -> None:
    ran(redis, engine, "shop.sync", 4, seconds=3.0)
    ran(redis, engine, "shop.sync", 2, seconds=400.0)
    now = engine.watch.look().bench.at
    statistics.record(redis, EndedRun("shop.sync", bench.LONG, "failed", now, run_s=1.0, site=SITE))
    for _ in range(3):
        bench.enqueue(redis, "shop.sync", timeout=60)
    bench.enqueue(redis, "shop.sync_all", timeout=60)
    bench.enqueue(redis, "shop.sync", site="b.localhost")
    engine.watch.forget()
    policy = Policy("", "method", "shop.sync", queue="long", timeout_s=300, attempts=2, key="{*}")
    tried = engine.console(Viewer("sam", SITE, True)).policies.would_match(policy)
    assert tried["changes"] == [
        "6 runs of 7 would have gone to long instead: 6 from short.",
        "About 2 runs took longer than 5 min, and would have been stopped.",
        "1 run failed, and would have been tried again: 2 times in all.",
    ]
    assert tried["waiting"][:3] == [
        "3 jobs wait already.",
        "They stay where they stand (3 in short); Job Monitor moves them to long.",
        "They keep the timeout that they were given (3 of 60 s).",
    ]


def test_methods_that_were_seen_are_this_sites(redis: Any, engine: Engine) -> None:
    ran(redis, engine, "shop.sync")
    ran(redis, engine, "shop.secret", site="b.localhost")
    bench.enqueue(redis, "shop.count")
    engine.watch.forget()
    assert engine.console(Viewer("sam", SITE, True)).policies.seen_methods() == ["shop.count", "shop.sync"]


def test_jobs_that_came_too_early_are_reported_by_method(redis: Any, engine: Engine) -> None:
    now = engine.watch.look().bench.at
    pending = hourly.Pending()
    for method in ("shop.sync", "shop.sync", "crm.call"):
        pending.note(SITE, method)
    pending.note("b.localhost", "shop.secret")
    pending.flush(redis, hourly.RACES, now)
    pending.flush(redis, hourly.RACES, now)
    console = engine.console(Viewer("sam", SITE, True))
    assert console.policies.early_jobs() == {"total": 3, "methods": [["shop.sync", 2], ["crm.call", 1]], "prevented": 0}
    assert console.policies.would_match(Policy("", "glob", "shop.*"))["early"] == 2


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
