"""The next day foreseen: by hand where it can be, and beside a clockwork that is too simple to be wrong."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule.quieter import at_minute, moved, moves
from job_console.engine.schedule.rushes import rushes
from job_console.engine.schedule.simulate import Planned, foresee
from job_console.engine.schedule.upcoming import Ticks
from tests.support.sizes import sized

START = datetime(2026, 11, 23, tzinfo=timezone.utc).timestamp()
TWO = (("default", "long"), ("default",))


def planned(cron: str = "0 2 * * *", duration_s: float = 60, due: float = 2 * 3600, **more: Any) -> Planned:
    values = {"site": "a", "record": "r", "lane": "default", "zone": "UTC", "ticks": Ticks(240.0)}
    return Planned(**{**values, "cron": cron, "duration_s": duration_s, "due_at": START + due, **more})


def minutes(day: Any, *names: str) -> list[tuple[float, ...]]:
    """Of each run, in minutes since the start."""
    return [tuple((getattr(bar, name) - START) / 60 for name in names) for bar in day.bars]


def test_who_finds_no_worker_waits_for_the_first_that_is_free() -> None:
    entries = [planned(duration_s=600), planned(duration_s=300), planned(duration_s=60)]
    day = foresee(entries, TWO, START)
    assert minutes(day, "enqueued_at", "starts_at", "ends_at") == [(120, 120, 130), (120, 120, 125), (120, 125, 126)]
    assert {bar.worker for bar in day.bars} == {0, 1}


def test_a_worker_takes_from_its_lanes_in_its_order() -> None:
    long, short = planned(lane="long", duration_s=60), planned(duration_s=600)
    day = foresee([long, short], [("default", "long")], START)
    assert [(bar.entry, (bar.starts_at - START) / 60) for bar in day.bars] == [(1, 120), (0, 130)]


def test_a_run_longer_than_its_period_is_passed_over_until_it_ends() -> None:
    day = foresee([planned("*/10 * * * *", duration_s=25 * 60, due=0)], TWO, START, hours=1)
    assert minutes(day, "starts_at") == [(0,), (28,), (56,)]
    assert [(at - START) / 60 for _entry, at in day.overlaps] == [10, 30, 60][: len(day.overlaps)]


def test_a_lane_without_workers_is_reported() -> None:
    day = foresee([planned(lane="reports")], TWO, START)
    assert (day.bars, day.unserved) == ((), {"reports": 1})


def test_what_is_overdue_starts_with_the_next_tick() -> None:
    assert minutes(foresee([planned(due=-86_400)], TWO, START + 61), "starts_at") == [(4,), (120,)]


def test_in_an_hour_that_comes_twice_the_second_pass_has_its_runs() -> None:
    """Which the wall has shown before."""
    start = datetime(2026, 10, 25, 1, 10, tzinfo=timezone.utc).timestamp()
    entry = planned("*/20 * * * *", zone="Europe/Berlin", due=start + 600 - START)
    day = foresee([entry], TWO, start, hours=1)
    assert [(bar.starts_at - start) / 60 for bar in day.bars] == [10, 30, 50]


def test_too_much_is_cut_and_said_so(monkeypatch: Any) -> None:
    monkeypatch.setattr(schedule_limits, "FORESEEN_RUNS", 100)
    day = foresee([planned("* * * * *", 1, 0)], TWO, START)
    assert (len(day.bars), day.cut) == (100, True)
    assert not foresee([planned()], TWO, START).cut


entry = st.builds(
    planned,
    st.sampled_from(["*/20 * * * *", "0 * * * *", "7 */3 * * *", "30 2 * * *", "1-59/13 1-5 * * *"]),
    st.integers(1, 4000),
    st.integers(-1000, 20_000),
    lane=st.sampled_from(["default", "long"]),
)
worker = st.sampled_from([("default",), ("long",), ("default", "long"), ("long", "default")])
crews = st.lists(worker, min_size=1, max_size=4)


@settings(max_examples=sized(50, 150), deadline=None)
@given(entries=st.lists(entry, max_size=12), crew=crews)
def test_nobody_does_two_things_and_nobody_rests_while_there_is_work(entries: list[Planned], crew: list) -> None:
    day = foresee(entries, crew, START, hours=6)
    for number in range(len(crew)):
        mine = sorted((bar.starts_at, bar.ends_at) for bar in day.bars if bar.worker == number)
        assert all(one[1] <= other[0] for one, other in pairwise(mine))
    for number in range(len(entries)):
        mine = sorted((bar.enqueued_at, bar.ends_at) for bar in day.bars if bar.entry == number)
        assert all(one[1] <= other[0] for one, other in pairwise(mine)), "its id is taken until it ends"
    for bar in day.bars:
        assert bar.due_at <= bar.enqueued_at <= bar.starts_at
        assert entries[bar.entry].lane in crew[bar.worker]
        assert bar.enqueued_at % 240 == 0
        if bar.starts_at > bar.enqueued_at:
            able = {number for number, lanes in enumerate(crew) if entries[bar.entry].lane in lanes}
            busy = {each.worker for each in day.bars if each.starts_at <= bar.enqueued_at < each.ends_at}
            began = {each.worker for each in day.bars if each.starts_at == bar.enqueued_at}
            assert able <= busy | began


def test_a_rush_says_how_much_comes_together() -> None:
    entries = [planned(duration_s=175.7) for _ in range(14)] + [planned("0 5 * * *", 10, 5 * 3600)]
    (rush,) = rushes(foresee(entries, TWO, START), entries, TWO)
    assert (rush.lane, rush.workers, len(rush.bars)) == ("default", 2, 14)
    assert (rush.at - START) / 3600 == 2
    assert round(rush.work_s / 60) == 41
    assert round(rush.last_start - rush.at, 3) == 1054.2
    assert rush.longest_wait_s == rush.last_start - rush.at


def test_nobody_waits_and_there_is_no_rush() -> None:
    entries = [planned(duration_s=30), planned(duration_s=20), planned(duration_s=29)]
    assert rushes(foresee(entries, TWO, START), entries, TWO) == []


def test_quieter_minutes_end_a_rush_and_what_runs_longest_stays() -> None:
    entries = [planned(duration_s=60 + number) for number in range(14)]
    day = foresee(entries, TWO, START)
    found = moves(day, entries, rushes(day, entries, TWO), [True] * 14)
    assert sorted(move.entry for move in found) == list(range(12)), "two workers: the two longest stay"
    assert all(move.before == "0 2 * * *" and move.after.endswith(" 2 * * *") for move in found)
    later = moved(entries, found, START)
    after = foresee(later, TWO, START)
    assert rushes(after, later, TWO) == []
    assert len(after.bars) == len(day.bars)


def test_only_what_may_move_moves() -> None:
    entries = [planned(duration_s=600 - number) for number in range(6)]
    day = foresee(entries, TWO, START)
    movable = [number == 4 for number in range(6)]
    assert [move.entry for move in moves(day, entries, rushes(day, entries, TWO), movable)] == [4]


def test_a_minute_that_can_move() -> None:
    assert at_minute("0 2 * * 1-5", 12) == "12 2 * * 1-5"
    assert at_minute("@daily", 8) == "8 0 * * *"
    assert at_minute("0 * * * *", 8) == "8 * * * *"
    assert at_minute("*/4 * * * *", 8) is None
    assert at_minute("nonsense", 8) is None
