"""The tests' own tools: what runs with every pair of rq and redis, and what is said of the time."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest

from tests.lanes.lane import ROOT, Done, Lane, Runner, Step
from tests.lanes.report import counts, failures, table
from tests.support.marks import imports_rq, touches_rq


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("from rq import Queue", True),
        ("import redis as redis_py", True),
        ("def test():\n    from rq.job import Job", True),
        ("from job_console.engine import redis_limits", False),
        ("import rqueer", False),
        ("#: from rq", False),
    ],
)
def test_who_imports_rq_runs_with_every_rq(tmp_path: Path, source: str, imports: bool) -> None:
    module = tmp_path / "test_it.py"
    module.write_text(source)
    assert imports_rq(module) is imports
    assert touches_rq(module, ["server"])


def test_no_test_that_needs_a_server_is_left_to_the_newest_rq() -> None:
    """As collected, because pytest chooses by the marks that it finds then."""
    folders = ("tests/engine/locks", "tests/engine/schedule/test_cron.py")
    collect = ("--collect-only", "-q", "-p", "no:cacheprovider", "-m", "not rq")
    command = [sys.executable, "-m", "pytest", *collect, *folders]
    left = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    assert "test_cron.py::" in left
    assert "test_senseless_terms_are_refused" in left
    assert "test_one_at_a_time" not in left
    assert "test_model.py::" not in left


@pytest.mark.parametrize(
    ("output", "passed", "failed", "skipped"),
    [
        ("....\n2319 passed, 2 skipped in 61.20s (0:01:01)\n", 2319, 0, 2),
        ("=== 1 failed, 3 passed, 1 error in 2.00s ===\n", 3, 2, 0),
        ("Ran 282 tests in 300.1s\n\nFAILED (failures=1, errors=2, skipped=4)\n", 275, 3, 4),
        ("Ran 10 tests in 0.1s\n\nOK\n", 10, 0, 0),
        ("\x1b[2m      Tests \x1b[22m \x1b[32m212 passed\x1b[39m (212)\n", 212, 0, 0),
        ("no runner spoke\n", 0, 0, 0),
    ],
)
def test_what_runners_say_is_counted(output: str, passed: int, failed: int, skipped: int) -> None:
    found = counts(output)
    assert (found["passed"], found["failed"], found["skipped"]) == (passed, failed, skipped)


def test_a_lane_goes_on_after_a_failure_and_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lane = Lane("both", [Step("fails", ("sh", "-c", "echo 3 passed in 1s; exit 3")), Step("goes on", ("true",))])
    Runner(tmp_path, {"PATH": "/usr/bin:/bin"}).run([lane])
    assert [(done.step.name, done.code) for done in lane.done] == [("fails", 3), ("goes on", 0)]
    assert [done.step.name for done in failures([lane])] == ["fails"]
    assert "== fails: FAILED" in capsys.readouterr().out


def test_a_lane_that_is_free_takes_what_the_lanes_share(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    shared = deque([Step("a", ("touch", str(begun))), Step("b", ("true",))])
    waits = Lane("waits", [Step("long", ("sh", "-c", f"while ! test -e {begun}; do sleep 0.05; done"))], shared=shared)
    free = Lane("free", [], shared=shared)
    Runner(tmp_path, {"PATH": "/usr/bin:/bin"}).run([waits, free])
    assert free.done[0].step.name == "a"
    assert sorted(done.step.name for lane in (waits, free) for done in lane.done) == ["a", "b", "long"]


def test_what_a_step_took_of_a_processor_is_reported(tmp_path: Path) -> None:
    """That of the processes that it started too."""
    burns = f"{sys.executable} -c 'import time\nwhile time.process_time() < 0.5: pass'"
    lane = Lane("both", [Step("burns", ("sh", "-c", f"{burns}; true")), Step("sleeps", ("sleep", "0.6"))])
    Runner(tmp_path, {"PATH": "/usr/bin:/bin"}).run([lane])
    burnt, slept = (done.processor for done in lane.done)
    assert slept < 0.3 < 0.5 <= burnt
    lines = table([Lane("both", [], [Done(Step("it", ("true",)), 0, 12.0, "3 passed in 12.0s\n", 7.0)])], 13.0)
    assert [" ".join(line.split()) for line in lines[2:5]] == [
        "12 s 7 s both", "12 s 7 s it 3 passed", "13 s 7 s in all, lanes side by side 3 passed",
    ]  # fmt: skip


def test_the_slowest_tests_come_first(tmp_path: Path) -> None:
    junit = tmp_path / "it.xml"
    cases = "".join(f'<testcase classname="m" name="test_{n}" time="{n}.0" />' for n in range(30))
    junit.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    lane = Lane("engine", [], [Done(Step("newest", ("true",), junit), 0, 12.0, "30 passed in 12.0s\n")])
    frappes = "   \x1b[32m ✔ \x1b[0m test_paused \x1b[31m (28.5s)\x1b[0m\nRan 2 tests in 29s\n\nOK\n"
    bench = Lane("bench", [], [Done(Step("in the bench", ("true",)), 0, 30.0, frappes)])
    lines = table([lane, bench], 12.0)
    slow = lines[lines.index("\n== The 20 slowest tests") + 1 :]
    assert "m::test_29" in slow[0]
    assert "28.5 s  test_paused  (in the bench)" in slow[1]
    assert len([line for line in slow if "::" in line]) == 19
    assert lines[-1] == "32 passed, 0 failed, 0 skipped"
