"""What a tick does with a schedule that has a policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from job_console.engine.models.policies import CATCH_UP, OVERLAP, Policy
from job_console.engine.schedule import due
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule.due import Tick, Verdict, decide, run_ids, schedule_id

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
POLICY = Policy("pull", "method", "shop.pull")
IDLE: tuple[str | None, ...] = (None, None, None, None)


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=each) for each in minutes]


def tick(*minutes: float, states: tuple[str | None, ...] = IDLE, owed: int = 0) -> Tick:
    return Tick(ago(*minutes), states, owed, tick_s=240.0, now=NOW)


@pytest.mark.parametrize("catch_up", CATCH_UP)
@pytest.mark.parametrize("overlap", OVERLAP)
def test_what_is_in_time_runs_as_ever_whatever_the_policy(catch_up: str, overlap: str) -> None:
    policy = replace(POLICY, catch_up=catch_up, overlap=overlap)
    assert decide(policy, tick(3)) == Verdict(due.USUAL)
    assert decide(policy, tick()) == Verdict(due.USUAL)
    ended = ("finished", "failed", None, "stopped")
    assert decide(policy, tick(8.9, 3, states=ended)) == Verdict(due.USUAL), "one tick may be missed"


@pytest.mark.parametrize(
    ("catch_up", "minutes", "expected"),
    [
        ("once", (180, 120, 60), Verdict(due.USUAL)),
        ("once", (180, 120, 60, 1), Verdict(due.USUAL)),
        ("skip", (180, 120, 60), Verdict(due.SKIP)),
        ("skip", (180, 120, 60, 1), Verdict(due.USUAL)),
        ("all", (180, 120, 60), Verdict(due.USUAL, 2)),
        ("all", (180, 120, 60, 1), Verdict(due.USUAL, 3)),
        ("all", tuple(range(3000, 30, -60)), Verdict(due.USUAL, schedule_limits.CATCH_UP_RUNS)),
    ],
)
def test_missed_runs(catch_up: str, minutes: tuple[float, ...], expected: Verdict) -> None:
    assert decide(replace(POLICY, catch_up=catch_up), tick(*minutes)) == expected


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("skip", Verdict(due.SKIP)),
        ("queue", Verdict(due.LATER)),
        ("allow", Verdict(due.CONCURRENT)),
        ("cancel", Verdict(due.INSTEAD)),
    ],
)
def test_due_while_it_still_runs(overlap: str, expected: Verdict) -> None:
    policy = replace(POLICY, overlap=overlap, catch_up="all")
    for states in (("started", None, None, None), ("finished", "started", None, None)):
        assert decide(policy, tick(1, states=states)) == expected
        assert decide(policy, tick(states=states, owed=1)) == Verdict(due.WAIT), "nothing is due"
    assert decide(policy, tick(1, states=("started", "queued", None, None))) == Verdict(due.WAIT)
    assert decide(policy, tick(1, states=("queued", None, None, None))) == Verdict(due.WAIT)


def test_no_more_at_once_than_there_are_places() -> None:
    policy = replace(POLICY, overlap="allow")
    assert decide(policy, tick(1, states=("started",) * schedule_limits.SCHEDULE_RUNS_AT_ONCE)) == Verdict(due.WAIT)


def test_what_is_owed_is_run_when_nothing_else_is() -> None:
    assert decide(POLICY, tick(owed=2)) == Verdict(due.OWED)
    assert decide(POLICY, tick(1, owed=2)) == Verdict(due.USUAL)


def test_the_ids_of_its_runs_lead_back_to_it() -> None:
    own = "a.localhost||scheduled_job||pull"
    ids = run_ids(own)
    assert len(set(ids)) == schedule_limits.SCHEDULE_RUNS_AT_ONCE
    assert {schedule_id(each) for each in ids} == {own}
    for other in ("a||scheduled_job||2024", "a||scheduled_job||1", "a::scheduled_job::pull", "x"):
        assert schedule_id(other) == other
