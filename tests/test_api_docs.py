"""docs/api.md says what the API really has: calls with their arguments, and the fields of each answer."""

from __future__ import annotations

import ast
import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from job_console.console.server import ACTS, READS
from job_console.engine import wire
from job_console.engine.diagnosis import drain
from job_console.engine.failures import groups
from job_console.engine.failures import wire as failures_wire
from job_console.engine.failures.canary import Canary
from job_console.engine.failures.entries import Kind
from job_console.engine.history import series
from job_console.engine.history.gauges import Sample
from job_console.engine.history.marks import Mark
from job_console.engine.history.ranges import RANGES, Span
from job_console.engine.history.report import Method, Queue, Report, Total
from job_console.engine.history.report_advice import Advice
from job_console.engine.jobs import completion, composition, operations
from job_console.engine.jobs.actions import STATES
from job_console.engine.jobs.redact import Redaction
from job_console.engine.jobs.search import Found
from job_console.engine.locks import wire as lock_wire
from job_console.engine.models.bench import Bench, Counts, Lane
from job_console.engine.models.bulk import Bulk, BulkAction, OutcomeKind
from job_console.engine.models.jobs import Job, Page, Run
from job_console.engine.models.locks import LockState
from job_console.engine.models.outcomes import AuditEntry, Outcome
from job_console.engine.models.output import Entry, Log
from job_console.engine.models.saved_views import SavedView
from job_console.engine.models.schedule import ScheduleEntry
from job_console.engine.models.sweeps import Surveyed
from job_console.engine.models.warnings import Warning
from job_console.engine.models.workers import Worker
from job_console.engine.output import wire as output_wire
from job_console.engine.schedule import wire as schedule_wire
from job_console.engine.schedule import wire_day as day_wire
from job_console.engine.schedule.check import mistake
from job_console.engine.schedule.outlook import Outlook
from job_console.engine.schedule.rushes import rushes
from job_console.engine.schedule.simulate import Planned, foresee
from job_console.engine.schedule.upcoming import Cadence, Ticks
from job_console.engine.scope import Scope
from job_console.engine.simulation import what_if
from job_console.engine.simulation.changes import Changes, Goal
from job_console.engine.simulation.least import Least, Option
from job_console.engine.simulation.load import Load
from job_console.engine.simulation.measured import Measured
from job_console.engine.wire import history as history_wire
from job_console.engine.wire import what_if as what_if_wire
from job_console.engine.wire.report import report_json
from job_console.engine.wording import duration
from tests.engine.diagnosis import build

ROOT = Path(__file__).resolve().parents[1]
API = ROOT / "job_console" / "api"
TEXT = (ROOT / "docs" / "api.md").read_text()
#: With a token of the site's: bridge/tests/test_metrics.py.
FOR_GUESTS = {"metrics"}
#: Each decides by rows: bridge/tests/test_own_jobs.py.
FOR_USERS = {"my_jobs", "document_jobs", "cancel_my_job"}
NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
#: (name, arguments as Python writes them) → whether the call reads or acts.
ROWS = {
    (name, arguments): kind for name, arguments, kind in re.findall(r"^\| `(\w+)\((.*?)\)` \| (\w+) \|", TEXT, re.M)
}


def whitelisted() -> dict[tuple[str, str], str]:
    """As job_console/api has them; read, not imported, because that needs Frappe."""
    found = {}
    nodes = [node for file in sorted(API.glob("*.py")) for node in ast.parse(file.read_text()).body]
    for node in nodes:
        assert not (isinstance(node, ast.ImportFrom) and node.module == "__future__"), "Frappe skips text"
        if isinstance(node, ast.FunctionDef):
            assert not (API / f"{node.name}.py").exists(), "the function would hide the module, or the other way round"
            decorators = [ast.unparse(each) for each in node.decorator_list]
            rule = "for_users" if node.name in FOR_USERS else "for_managers"
            assert rule in decorators or node.name in FOR_GUESTS, node.name
            for argument in node.args.args:
                argument.annotation = None
            acts = "frappe.whitelist(methods=['POST'])" in decorators
            found[node.name, ast.unparse(node.args)] = "acts" if acts else "reads"
    return found


def test_every_call_has_its_row() -> None:
    assert whitelisted() == ROWS


def test_all_are_offered_by_the_package() -> None:
    """The desk calls `job_console.api.NAME`."""
    imports = [node for node in ast.parse((API / "__init__.py").read_text()).body if isinstance(node, ast.ImportFrom)]
    assert {each.name for node in imports for each in node.names} == {name for name, _arguments in ROWS}


def test_what_the_console_has() -> None:
    reported = set(re.findall(r"^\| `(\w+)\(.*\| yes \|$", TEXT, re.M))
    assert reported == {*READS, *ACTS}


def test_every_action_is_reported() -> None:
    section = TEXT.partition("### Actions")[2].partition("### Operations")[0]
    assert set(STATES) == {
        name for cell in re.findall(r"^\| (`.*?`) \|", section, re.M) for name in re.findall(r"\w+", cell)
    }


def test_every_operation_is_reported() -> None:
    section = TEXT.partition("### Operations")[2].partition("## Answers")[0]
    assert set(operations.OPERATIONS) == {
        name for cell in re.findall(r"^\| (`.*?`) \|", section, re.M) for name in re.findall(r"\w+", cell)
    }


def _drain() -> dict[str, Any]:
    report = drain.look(build.bench(build.lane(running=(build.running(),))))
    return drain.to_json(report, Scope(), {"suspension": None})


def _failures() -> list[dict[str, Any]]:
    kind = Kind("k", "a", "m", "ValueError", "f", "…", "1")
    part = groups.Part("b:short", "k@a", kind, 1, 1.0, 2.0)
    about = groups.Details((1,), (("u", 1),), (("Item", "I"),), 1)
    canary = Canary("k@a", "b:", "a", "k", "m", "ValueError", "…", "u", "why", 60.0, 3, 1.0)
    page = failures_wire.Page(NOW.timestamp(), groups.Found((), 0, 0, 0), True, 1, 50)
    return [
        failures_wire.page(page, [], []),
        failures_wire.group(groups.Group((part,)), about, str),
        failures_wire.canary(canary, str),
    ]


def answers() -> dict[str, list[Any]]:
    """One of each, by the heading of its section."""
    view = wire.View(NOW, Redaction())
    job, warning = build.job(), Warning("x", "info", "x.")
    lane, worker = Lane("b:short", Counts()), Worker("w", "idle")
    run = Run(1, "running", None, None)
    bench = Bench(NOW, (), ())
    return {
        "A snapshot": [
            {
                **wire.snapshot_json(view, Scope().bench(bench), None, []),
                "server": None,
                "bench": None,
                "bench_server": None,
            },  # `Engine.names`
            wire.bench.lane_json(view, lane, bench, Scope()._elsewhere(lane)),
            wire.bench.worker_json(view, worker),
        ],
        "A job": [wire.job_json(view, job)],
        "One job": [_detail(view, job, run)],
        "A warning": [wire.warning_json(view, warning)],
        "A page of jobs": [wire.page_json(view, Page(0, False, 1, 20, ()))],
        "A completion": [completion.offer(Bench(NOW, (), ()), Scope(), "status:fai", 10)],
        "What waits": [composition.to_json([], 0, True, Scope(), str)],
        "An own job": [wire.own_job_json(job, True, False, None, None)],
        "A saved view": [wire.saved_view_json(SavedView("a", "b", "c", "", "d", NOW), True, True)],
        "A bulk action": [wire.bulk_json(_bulk(), str)],
        "A slice of a search": [wire.search_json(view, Found((), 0, 0, None))],
        "A drain": [_drain()],
        "Failures": _failures(),
        "Metrics over time": [_history()],
        "A week": [_week()],
        "What if": [_what_if()],
        "Results": [wire.outcomes_json([Outcome("a", True, "x", "y")])],
        "Mended": [wire.mended_json(view, [], [], dry_run=False, surveyed=Surveyed())],
        "The audit trail": [wire.audit_json(1, [AuditEntry("a", "cancel", "j", True, "x", "y", at=NOW)])],
        **schedules(),
        "A log": [output_wire.log(job, _log(), Redaction().text)],
        "A lock": [lock_wire.lock(LockState("a|k", (), ()), NOW)],
    }


def _log() -> Log:
    return Log(NOW, 1, 0, whole=True, died=False, entries=(Entry(NOW, "", "stdout", "x"),))


def _week() -> dict[str, Any]:
    total, waits = Total(1, 1, 1, 1.0), dict.fromkeys(series.SHARES, 1.0)
    methods = (Method("m", total, Total()),)
    queues = (Queue("b:short", total, waits, waits),)
    week = Report(0, 7, 6, 5, True, total, total, methods, queues, 0.5)
    return report_json(week, [Advice("grew", "m", duration(1), duration(2))], None)


def _what_if() -> dict[str, Any]:
    waits: dict[str, float | None] = dict.fromkeys(series.SHARES, 1.0)
    crew, goal = (("b:short",),), Goal("b:short", 10.0)
    lane = what_if.Lane("b:short", 300, waits, waits, waits, 300, 0)
    played = Measured((waits,), (300,), (0,), 0.5)
    least = Least(goal, 100, 1, (Option("more", ((("b:short",), 1),), 100),))
    found = what_if.Answer((lane,), played, played, 5, 100, 300, 24, least)
    asked = what_if_wire.Asked(
        NOW,
        crew,
        Changes(crew, goal=goal),
        Load({}, (), {}, {}),
        ["m"],
        [ScheduleEntry("r", "m", "* * * * *", "b:short")],
    )
    return what_if_wire.what_if_json(asked, found)


def _history() -> dict[str, Any]:
    line = series.line("m", [])
    found = history_wire.Found(
        last="24h",
        by="method",
        site=None,
        at=NOW.timestamp(),
        span=Span.ending(RANGES["24h"], NOW.timestamp()),
        total=line,
        run=series.percentiles([]),
        wait=series.percentiles([]),
        kinds={"ValueError": 1},
        heat=series.Heat(),
        wait_heat=series.Heat(),
        lines=[line],
        ranked=[series.Ranked("m", 1, 1, 1.0)],
        samples=[Sample(1, 1, {"b:short": (1, 1.0)})],
        marks=[Mark(NOW.timestamp(), "apps", "a.localhost", ("shop 1.4.2",), 1)],
    )
    return history_wire.history_json(found)


def _bulk() -> Bulk:
    asked = BulkAction("9f2c5e0b1a7d", "cancel", "status:queued", "mia@example.com")
    return Bulk(asked, "acting", NOW, NOW, None, 1, 1, 1, 1, False, {OutcomeKind(True, "canceled", ""): 1}, 1)


def schedules() -> dict[str, list[Any]]:
    entry = build.entry(due_at=NOW, last_at=NOW)
    known = build.schedule(entry)
    bench = build.bench(schedule=known, workers=[build.worker("w1", "idle", queues=(entry.queue,))])
    crowd = Planned("a", "r", entry.queue, "0 0 * * *", "UTC", Ticks(240.0), 600.0, NOW.timestamp())
    day = foresee([crowd, crowd], [(entry.queue,)], NOW.timestamp())
    seen = Outlook((crowd, crowd), ((entry.queue,),), day, tuple(rushes(day, (crowd, crowd), [(entry.queue,)])))
    return {
        "Schedules": [
            {"at": "", "schedules": []},
            schedule_wire.schedule(known, bench, {}, {}),
            schedule_wire.schedule(known, bench, {}, {})["entries"][0],
        ],
        "A cron expression": [schedule_wire.preview("30 24 * * *", mistake("30 24 * * *"), [], Cadence(0, 0), known)],
        "The next day": [day_wire.outlook(seen, bench, "a")],
    }


def _detail(view: wire.View, job: Job, run: Run) -> dict[str, Any]:
    from job_console.engine.models.jobs import Detail

    whole = wire.detail_json(view, Detail(job, (run,), None, None, (), None), [])
    return {name: value for name, value in whole.items() if name not in wire.job_json(view, job)}


@pytest.mark.parametrize("heading", answers())
def test_answers_have_these_fields(heading: str) -> None:
    section = TEXT.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    reported = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]
    real = answers()[heading]
    assert [set(each) for each in reported] == [set(each) for each in real]
    for example, answer in zip(reported, real, strict=True):
        for name, value in answer.items():
            if isinstance(value, list) and value and isinstance(value[0], dict) and example[name]:
                assert set(example[name][0]) == set(value[0]), name
