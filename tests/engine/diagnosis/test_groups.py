"""One cause, one warning: what is told together, and what its remedies act on."""

from __future__ import annotations

from dataclasses import replace

from job_console.engine.diagnosis import groups
from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.diagnosis.detectors import findings
from job_console.engine.jobs.redact import Redaction
from job_console.engine.look import limits as look_limits
from job_console.engine.models.bench import Bench, Counts, Ghost, Orphan
from job_console.engine.models.sweeps import Surveyed
from job_console.engine.watch import incidents
from job_console.engine.wire import View

from .build import NOW, ago, bench, call, job, lane, running, worker


def ghosts(*counts: int) -> Bench:
    """So many of each method."""
    found = (
        Ghost(job(f"g{n}-{i}", enqueued_at=ago(100 + i), call=call(f"shop.m{n}")), "queued")
        for n, count in enumerate(counts)
        for i in range(count)
    )
    return bench(ghosts=tuple(found))


def reported(given: Bench) -> list[groups.Group]:
    return groups.of(findings(given), given)


def test_ghosts_of_one_method_are_one_warning() -> None:
    (group,) = reported(ghosts(3))
    assert group.warning.message == (
        "3 jobs of shop.m0 are ghosts: their records say queued, but they stand in no queue. They will never run, and "
        "their ids refuse the same work. The oldest: 102 s."
    )
    assert group.warning.evidence["count"] == 3
    assert group.job_ids("requeue") == ["g0-2", "g0-1", "g0-0"]
    assert [(each.action, each.safe) for each in group.warning.remedies] == [("requeue", False), ("free", False)]


def test_another_method_is_another_warning() -> None:
    assert [group.warning.evidence.get("count", 1) for group in reported(ghosts(2, 1))] == [2, 1]


def test_its_identity_does_not_change_with_its_jobs() -> None:
    alone, some, many = (reported(ghosts(count))[0].warning for count in (1, 2, 30))
    assert alone.id == some.id == many.id
    assert len(many.evidence["job_ids"]) == diagnosis_limits.GROUP_IDS


def test_what_is_cut_says_at_least() -> None:
    (group,) = reported(ghosts(look_limits.GHOSTS))
    assert group.warning.message.startswith("At least 1,000 jobs of shop.m0 ")
    partly = replace(ghosts(30), surveyed=Surveyed(seen=100, of=1_000))
    assert reported(partly)[0].warning.message.startswith("At least 30 jobs ")
    swept = Surveyed(of=1_000, whole_at=NOW, whole_by_sweeps=True)
    assert reported(replace(ghosts(30), surveyed=swept))[0].warning.message.startswith("30 jobs ")
    heard = replace(ghosts(look_limits.SUSPECTS), surveyed=swept)  # sweeps tell each other of no more
    assert reported(heard)[0].warning.message.startswith("At least 200 jobs ")
    orphans = tuple(Orphan(f"o{n}", "queued") for n in range(8))
    (group,) = reported(bench(lane(orphans=orphans, counts=Counts(queued=5000))))
    assert group.warning.message == "At least 8 ids in short have no record any more: that work is lost."
    (group,) = reported(bench(lane(orphans=orphans, counts=Counts(queued=8))))
    assert group.warning.message.startswith("8 ids in short ")


def test_a_remedy_acts_on_those_that_have_it() -> None:
    """Who may still run is left alone."""
    orphans = (Orphan("a", "started", ago(-60)), Orphan("b", "started", ago(60)))
    (group,) = reported(bench(lane(orphans=orphans)))
    assert group.job_ids("clear") == ["b"]


def test_what_runs_too_long_on_two_workers_is_one_warning() -> None:
    crew = [worker("w1", job_id="a"), worker("w2", job_id="b")]
    slow = (running("a", 400, worker="w1"), running("b", 500, worker="w2"))
    (group,) = reported(bench(lane(running=slow, counts=Counts(started=2)), workers=crew))
    assert group.warning.message == (
        "2 jobs of shop.sync run beyond their timeout: their alarms did not fire. The oldest: 8 min."
    )
    assert group.warning.worker is None
    assert group.job_ids("stop") == ["b", "a"]


def test_an_incident_counts_the_jobs_of_its_group() -> None:
    given = ghosts(7)
    (trouble,) = incidents.troubles(groups.merged(findings(given), given), View(NOW, Redaction()))
    assert trouble.jobs == 7
