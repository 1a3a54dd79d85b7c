"""Each detector, fact by fact (detector_facts.py). The whole list is compared, so a fault has one name, and a healthy
bench none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from job_console.engine.diagnosis.detectors import findings
from job_console.engine.models.bench import Bench, Counts, Ghost
from job_console.engine.models.progress import Chunks
from job_console.engine.models.warnings import Warning
from job_console.engine.scope import Scope

from .build import (
    LONG,
    SITE,
    ago,
    bench,
    call,
    codes,
    entry,
    failed,
    job,
    lane,
    ready,
    redis_health,
    repeated,
    ruled,
    running,
    said,
    schedule,
    worker,
)
from .detector_facts import BUSY, HISTORY, LOST, OTHERS_BUSY, TABLE


@pytest.mark.parametrize(("expected", "given"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_is_said(expected: list[str], given: Bench) -> None:
    assert sorted(codes(given)) == sorted(expected)


@pytest.mark.parametrize("given", [row[2] for row in TABLE if row[1]], ids=[row[0] for row in TABLE if row[1]])
def test_every_warning_can_be_read_and_acted_on(given: Bench) -> None:
    for warning in findings(given):
        assert warning.message.endswith((".", "no")), warning.message
        assert "None" not in warning.message
        assert warning.severity in ("critical", "warning", "info")
        assert (
            warning.queue
            or warning.worker
            or warning.site
            or warning.code in ("redis_pressure", "suspended", "memory_lost")
        )
        assert all(remedy.label and remedy.explain for remedy in warning.remedies)


def test_two_warnings_never_have_the_same_subject() -> None:
    """Else the proof of one would prove the other."""
    kills = [failed(60, kind="AbandonedJobError"), failed(90, "shop.b", "AbandonedJobError")]
    crashes = [failed(10 * n, f"shop.c{n % 2}") for n in range(1, 13)]
    late = [ready(4000, job_id=f"s{n}", record=f"r{n}") for n in range(3)]
    found = findings(bench(failed_lately=(*kills, *crashes), schedule=schedule(*late)))
    subjects = [warning.subject for warning in found]
    assert len(subjects) == 7
    assert len(set(subjects)) == len(subjects)


def one(given: Bench) -> Any:
    (warning,) = findings(given)
    return warning


def test_overrunning_says_what_is_usual() -> None:
    warning = one(bench(lane(running=(running(ran=721, timeout_s=1500),)), workers=BUSY, usual=HISTORY))
    assert warning.message == "shop.sync has run 12 min, usually 3 min."
    assert [(remedy.action, remedy.safe) for remedy in warning.remedies] == [("stop_gently", False), ("stop", False)]


def test_overrunning_says_what_its_policy_expects() -> None:
    warning = one(
        bench(lane(running=(running(ran=721, timeout_s=1500),)), workers=BUSY, policies=ruled(expected_s=180))
    )
    assert warning.message == "shop.sync has run 12 min, its policy expects 3 min."
    assert warning.evidence["policy"] == "P"


def test_starved_names_lanes_not_other_peoples_jobs() -> None:
    warning = one(bench(lane(head=(job(enqueued_at=ago(400)),)), lane(LONG), **OTHERS_BUSY))
    assert (
        warning.message
        == "short is starved: its oldest job has waited 7 min, while its only worker is busy with 1 job of long."
    )
    assert "x" not in warning.evidence.values()


@pytest.mark.parametrize(
    ("queued", "severity", "words"),
    [(549, "warning", "at 550 new ones are refused"), (550, "critical", "new jobs are refused")],
)
def test_at_its_wall_a_lane_refuses_new_jobs(queued: int, severity: str, words: str) -> None:
    warning = one(bench(lane(counts=Counts(queued=queued)), enqueue_limit=550))
    assert (warning.severity, warning.message.endswith(f"waiting, {words}.")) == (severity, True)


def test_a_killed_job_is_reported_with_how_far_it_had_come() -> None:
    again = "Run the last one again"
    for chunks, action in ((Chunks(committed=41_200), "Resume it"), (Chunks(committed=0), again), (None, again)):
        run = failed(60, kind="WorkHorseTerminated", progress=said(chunks=chunks))
        (warning,) = findings(bench(failed_lately=(run,)))
        assert warning.message.endswith("It had come to 41,230 of 80,000.")
        assert [remedy.label for remedy in warning.remedies] == [action]


def test_one_method_that_is_killed_is_one_warning() -> None:
    kills = tuple(failed(10.0 * n, kind="WorkHorseTerminated", message="waitpid returned 9") for n in range(1, 21))
    warning = one(bench(failed_lately=kills, succeeded_at={(SITE, "shop.sync"): ago(1)}))
    assert (warning.code, warning.job_id, warning.evidence["kills"]) == ("killed", "f10.0", 20)
    assert "20 times" in warning.message


def test_a_site_hears_of_its_own_failures_only() -> None:
    crashes = tuple(failed(10.0 * n, site=f"{'ab'[n % 2]}.localhost") for n in range(1, 11))
    found = findings(bench(failed_lately=crashes))
    assert sorted((warning.code, warning.site or "") for warning in found) == [
        ("crash_loop", "a.localhost"),
        ("crash_loop", "b.localhost"),
    ]


@pytest.mark.parametrize(
    ("status", "safe"), [("finished", [("requeue", True)]), ("failed", [("requeue", False), ("cancel", False)])]
)
def test_what_waits_for_nothing_is_run_safely_only_when_all_went_well(status: str, safe: list[Any]) -> None:
    given = bench(lane(deferred=(job(status="deferred", dependencies=("d",)),)), dependencies={"d": status})
    assert [(remedy.action, remedy.safe) for remedy in one(given).remedies] == safe


def test_a_blocked_schedule_is_freed_by_the_way_its_state_allows() -> None:
    def actions(given: Bench) -> list[str]:
        (found,) = [warning for warning in findings(given) if warning.code == "blocked_schedule"]
        return [remedy.action for remedy in found.remedies]

    queued, started = (schedule(entry(job_status=status)) for status in ("queued", "started"))
    assert actions(bench(ghosts=(Ghost(job("s1"), "queued"),), schedule=queued)) == ["free"]
    assert actions(bench(lane(LONG, intermediate=(job("s1"),)), schedule=queued)) == ["requeue"]
    assert actions(bench(lane(LONG, running=(LOST,)), schedule=started)) == ["fail"]
    past = lane(LONG, running=(running("s1", 900),))
    assert actions(bench(past, workers=[worker(job_id="s1")], schedule=started)) == ["stop"]
    (found, *_others) = findings(bench(past, workers=[worker(job_id="s1")], schedule=started))
    assert found.evidence["started_at"] == ago(900).isoformat()  # so that no later run is stopped


def test_what_is_done_about_a_blocked_schedule_is_done_to_the_run_that_blocks_it() -> None:
    ghosts = (Ghost(job("s1||2"), "queued"), Ghost(job("s1||3"), "queued"), Ghost(job("another||2"), "queued"))
    found = findings(bench(ghosts=ghosts, schedule=schedule(entry(job_status="queued"))))
    assert [each.job_id for each in found if each.code == "blocked_schedule"] == ["s1||2", "s1||3"]


def test_a_full_redis_that_evicts_jobs_is_critical() -> None:
    assert one(bench(redis=redis_health(0.8, "allkeys-lru"))).severity == "critical"
    assert one(bench(redis=redis_health(0.8, "volatile-lru"))).severity == "warning"
    assert one(bench(redis=redis_health(0.95))).severity == "warning"


def test_a_fault_stays_the_same_while_its_example_changes() -> None:
    """Else a method that fails every second would never be proven, and would be a new incident each time."""
    crashes = [failed(60.0 * n) for n in range(1, 7)]
    first, later = one(bench(failed_lately=crashes[1:])), one(bench(failed_lately=crashes[:-1]))
    assert first.job_id != later.job_id
    assert (first.subject, first.proof_key) == (later.subject, later.proof_key)
    head, next_head = (replace(repeated(), job=job(name)) for name in ("j1", "j2"))
    assert one(bench(repeated=(head,))).subject == one(bench(repeated=(next_head,))).subject


def test_two_runs_of_one_id_do_not_prove_each_other() -> None:
    first, later = (one(bench(ghosts=(Ghost(job(enqueued_at=ago(at)), "queued"),))) for at in (60, 30))
    assert first.subject == later.subject
    assert first.proof_key != later.proof_key


def test_a_site_hears_of_a_worker_without_the_job_of_another_site() -> None:
    held = {"x": running("x", call=call(site="b.localhost")), "y": running("y")}
    warnings = [Warning("worker_stale", "warning", "It is silent.", worker="w1", job_id=job_id) for job_id in held]
    assert [each.job_id for each in Scope(SITE).warnings(warnings, bench(held=held))] == [None, "y"]
