"""From when on a schedule is late: not from its due time alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.schedule.readiness import with_runs

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


DUE = ScheduleEntry("pull", "shop.pull", "*/10 * * * *", "long", last_at=ago(1200), due_at=ago(600), job_id="s")


def reported(
    entry: ScheduleEntry = DUE, before: Schedule | None = None, run: tuple = (None, None), on: bool = True
) -> Schedule:
    return with_runs(Schedule("a.localhost", on, entries=(entry,)), before, [run], NOW)


def since(**how: object) -> datetime | None:
    return reported(**how).entries[0].ready_since


def known(read_s_ago: float, **entry: object) -> Schedule:
    """What was known of it the last time."""
    return Schedule("a.localhost", True, read_at=ago(read_s_ago), entries=(replace(DUE, **entry),))


def test_what_nobody_ever_looked_at_is_ready_since_it_is_due() -> None:
    assert since() == ago(600)


def test_what_became_due_since_the_last_look_is_ready_since_then() -> None:
    assert since(before=known(900)) == ago(600)


def test_what_was_freed_since_the_last_look_is_ready_since_that_look() -> None:
    assert since(before=known(5, job_status="queued")) == ago(5)


def test_what_was_ready_stays_so() -> None:
    assert since(before=known(5, ready_since=ago(550))) == ago(550)


def test_what_is_due_anew_is_ready_anew() -> None:
    assert since(before=known(900, ready_since=ago(5000), due_at=ago(6000))) == ago(600)


def test_what_is_republished_while_the_scheduler_is_off_is_ready_anew() -> None:
    """As in maintenance: the database is not asked, and what was told last is told again."""
    waiting = reported()
    (entry,) = waiting.entries
    off = with_runs(replace(waiting, running=False), waiting, [(None, None)], NOW + timedelta(minutes=1))
    assert (entry.ready_since, off.entries[0].ready_since) == (ago(600), None)
    on = with_runs(Schedule("a.localhost", True, entries=(DUE,)), off, [(None, None)], NOW + timedelta(minutes=25))
    assert on.entries[0].ready_since == off.read_at


def test_nothing_is_expected_of_what_cannot_be_enqueued() -> None:
    assert since(on=False) is None
    assert since(entry=replace(DUE, stopped=True)) is None
    assert since(entry=replace(DUE, due_at=ago(-1))) is None
    assert since(entry=replace(DUE, due_at=None)) is None
    assert since(run=("queued", ago(4000))) is None
    assert since(run=("started", ago(4000))) is None


def test_a_run_enqueued_since_answers_for_the_database_that_was_read_too_early() -> None:
    assert since(run=("finished", ago(599))) is None
    assert since(run=("failed", ago(600))) is None
    assert since(run=("finished", ago(601))) == ago(600)


def test_the_newest_sign_of_a_tick_counts() -> None:
    assert reported().ticked_at == ago(1200)
    assert reported(run=("finished", ago(700))).ticked_at == ago(700)
    assert reported(before=Schedule("a.localhost", True, ticked_at=ago(60), read_at=ago(5))).ticked_at == ago(60)
    assert reported(run=("queued", ago(-3600))).ticked_at == ago(1200)  # a clock that is ahead tells nothing


def test_where_the_scheduler_says_when_it_comes_by_a_run_that_somebody_asked_for_is_no_tick() -> None:
    ours = Schedule("a.localhost", True, tells_ticks=True, ticked_at=ago(5000), entries=(DUE,))
    assert with_runs(ours, None, [("finished", ago(60))], NOW).ticked_at == ago(5000)
