"""`python -m tests.lanes [--long] [--coverage] [--bench PATH] [--pair NAME=PYTHON …]`: see `bin/test`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

from .lane import ROOT, Lane, Runner, Step, show
from .report import failures, table

#: Most tests wait for a worker, so two lanes of pytest share the machine with more processes than it has processors.
PROCESSES = 3 * (os.cpu_count() or 1)
#: Fewer for a pair: each process collects all tests anew, for three seconds of a processor.
PROCESSES_OF_PAIR = 2 * (os.cpu_count() or 1)
#: Makes the console's page, which the browser tests open: first, and alone.
BUILD = Step("the page: build", ("npm", "--prefix", "ui", "run", "--silent", "build"))


def main() -> int:
    options = parse()
    with tempfile.TemporaryDirectory(prefix="job-console-tests-") as folder:
        runner = Runner(Path(folder), environment(options.long))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        began = time.monotonic()
        try:
            first = Lane("before all others", [BUILD], [show(runner.step(BUILD))])
            lanes = lanes_of(options, Path(folder))
            runner.run(lanes)
        finally:
            runner.stop()
        lanes = [first, *lanes]
        print("\n".join(table(lanes, time.monotonic() - began)))
        failed = failures(lanes)
    for done in failed:
        print(f"Failed: {done.step.name}", file=sys.stderr)
    if not failed:
        print("All checks passed.")
    return 1 if failed else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/test", description="Runs every check and test of the project.")
    parser.add_argument("--long", action="store_true", help="storms of full size: nightly, and before a release")
    parser.add_argument(
        "--coverage", action="store_true", help="measure lines and branches, and name what no test runs"
    )
    parser.add_argument("--bench", help=argparse.SUPPRESS)
    parser.add_argument("--pair", action="append", default=[], help=argparse.SUPPRESS)
    return parser.parse_args()


def environment(long: bool) -> dict[str, str]:
    """Of all steps; `sized` in tests/support/sizes.py reads what `--long` says."""
    # Hundreds of Pythons start here: each would compile all that it imports, where nobody may write it down.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "JOB_CONSOLE_LONG": "1" if long else "0", "PYTHONUNBUFFERED": "1"}


def lanes_of(options: argparse.Namespace, folder: Path) -> list[Lane]:
    pairs = deque(engine(*pair.split("=", 1), folder) for pair in options.pair)
    newest = pytest("newest rq", sys.executable, folder, "--ignore=tests/desk", *coverage(options.coverage))
    return [
        Lane("checks", checks()),
        Lane("bench", [in_bench(options.bench, folder)] if options.bench else [], shared=pairs),
        Lane("newest", [newest, *([report()] if options.coverage else [])], shared=pairs),
        Lane("pairs", [], shared=pairs),
    ]


def checks() -> list[Step]:
    npm = ("npm", "--prefix", "ui", "run", "--silent")
    return [
        Step("ruff check", ("ruff", "check", ".")),
        Step("ruff format", ("ruff", "format", "--check", ".")),
        Step("mypy", ("mypy",)),
        Step("import rules", ("lint-imports",)),
        Step("the page: lint", (*npm, "lint")),
        Step("the page: types", (*npm, "types")),
        Step("the page: tests", ("npm", "--prefix", "ui", "test", "--silent")),
    ]


def pytest(name: str, python: str, folder: Path, *arguments: str, processes: int = PROCESSES) -> Step:
    junit = folder / f"{name.replace(' ', '-')}.xml"
    many = ("-n", str(processes), "--dist", "worksteal", f"--junitxml={junit}")
    return Step(name, (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *many, *arguments), junit)


def engine(name: str, python: str, folder: Path) -> Step:
    """What touches RQ, with a pair of rq and redis that a Frappe pins."""
    return pytest(name, python, folder, "tests/engine", "-m", "rq", processes=PROCESSES_OF_PAIR)


def coverage(wanted: bool) -> tuple[str, ...]:
    return ("--cov", "--cov-report=") if wanted else ()


def report() -> Step:
    command = (sys.executable, "-m", "coverage", "report", "--skip-covered", "--show-missing")
    return Step("coverage: what no test runs", command)


def in_bench(bench: str, folder: Path) -> Step:
    junit = folder / "desk.xml"
    return Step(f"in the bench {bench}", ("bin/test-bench", bench, str(junit)), junit)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
