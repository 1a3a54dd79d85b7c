"""What nothing runs is told so by each part of the wire that names it, not in its own row only."""

from __future__ import annotations

import pytest

from job_console.engine.jobs.redact import Redaction
from job_console.engine.models.bench import Bench
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.models.warnings import Warning
from job_console.engine.models.workers import Worker
from job_console.engine.schedule import wire as schedule_wire
from job_console.engine.scope import Elsewhere
from job_console.engine.wire.bench import lane_json, worker_json
from job_console.engine.wire.view import View

from ..bench import SHORT
from .build import NOW, bench, lane, running, worker


def lost(job_id: str, by: str | None = "w1", **evidence: object) -> dict[str, Warning]:
    found = Warning(
        "worker_lost", "critical", f"{job_id} lost its worker.", job_id=job_id, worker=by, evidence=evidence
    )
    return {job_id: found}


def shown(silent: Worker, found: dict[str, Warning]) -> tuple[str, str | None, dict[str, int]]:
    around = bench(lane(SHORT, running=(running("j", 60),)), workers=(silent,))
    view = View(NOW, Redaction(), lost=found)
    each = worker_json(view, silent)
    return each["state"], each["gone"], lane_json(view, around.lanes[0], around, Elsewhere())["workers"]


def test_a_worker_that_is_not_heard_of_is_not_busy_with_what_it_lost() -> None:
    silent = worker("w1", "busy", job_id="j", queues=(SHORT,))
    busy = {"busy": 1, "idle": 0, "draining": 0, "quiet": 0}
    assert shown(silent, {}) == ("busy", None, busy)
    assert shown(silent, lost("j")) == ("gone", "j lost its worker.", {"busy": 0, "idle": 0, "draining": 0, "quiet": 0})
    # Somebody else lost it, or its own process goes on.
    assert shown(silent, lost("j", by="w2")) == ("busy", None, busy)
    assert shown(silent, lost("j", job_runs=True)) == ("busy", None, busy)


@pytest.mark.parametrize(
    ("status", "found", "is_lost"),
    [
        ("started", lost("s1"), True),
        ("queued", lost("s1"), True),
        ("finished", lost("s1"), False),
        ("started", lost("s1", job_runs=True), False),
        ("started", {}, False),
    ],
)
def test_a_schedule_says_that_its_job_is_lost(status: str, found: dict[str, Warning], is_lost: bool) -> None:
    entry = ScheduleEntry("tasks.pull", "shop.pull", "*/10 * * * *", SHORT, job_id="s1", job_status=status)
    known = Schedule("a.localhost", running=True, entries=(entry,))
    around: Bench = bench(lost=found)
    (reported,) = schedule_wire.schedule(known, around, {}, {})["entries"]
    assert reported["job_lost"] is is_lost
