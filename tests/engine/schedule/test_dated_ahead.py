"""Dates in the future, from which Frappe counts: told where a run is missed by it, once for a site."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from job_console.engine.diagnosis.detectors import findings
from job_console.engine.schedule import dated_ahead, wire

from ..diagnosis.build import ago, bench, entry, schedule

NOON = datetime(2026, 11, 24, 12)  # noqa: DTZ001 (as a wall shows it)


@pytest.mark.parametrize(
    ("cron", "hours", "expected"),
    [
        ("*/5 * * * *", 5, True),
        ("*/5 * * * *", -5, False),
        ("*/5 * * * *", 0.02, False),  # clocks differ
        ("0 3 * * *", 5, False),  # it is due tonight all the same
        ("0 3 * * *", 16, True),
        ("0 0 31 2 *", 5, False),  # never, but not for this reason
        ("not a cron", 5, False),
    ],
)
def test_only_what_misses_a_run_by_it(cron: str, hours: float, expected: bool) -> None:
    assert dated_ahead.delays(cron, NOON + timedelta(hours=hours), NOON) is expected


def test_one_cause_is_one_warning_with_one_remedy() -> None:
    wizard = [
        entry(record=f"s{number}", due_at=ago(-9300), future_at=ago(-9000 + number), future_of="creation")
        for number in range(60)
    ]
    (found,) = findings(bench(schedule=schedule(*wizard)))
    assert found.message.startswith("60 schedules do not run for up to 2 h 30 min: Frappe counts from their creation, ")
    assert [(each.action, each.needs_site) for each in found.remedies] == [("correct_dates", True)]
    assert (found.evidence["count"], len(found.evidence["schedules"])) == (60, 20)
    (found,) = findings(bench(schedule=schedule(wizard[0])))
    assert found.message.startswith(
        "The schedule shop.pull does not run for 2 h 30 min: Frappe counts from its creation"
    )
    wizard.append(entry(future_at=ago(-300), future_of="last run"))
    (found,) = findings(bench(schedule=schedule(*wizard)))
    assert "from their last run or creation," in found.message


def test_its_row_says_so() -> None:
    known = schedule(entry(future_at=ago(-9000), future_of="last run"), entry(record="b"))
    row, other = wire.schedule(known, bench(schedule=known), {}, {})["entries"]
    assert row["problem"] == "Its last run lies in the future, and Frappe counts from there: nothing runs before."
    assert row["future_at"] == "2026-11-23T19:10:00Z"
    assert (other["problem"], other["future_at"]) == (None, None)
