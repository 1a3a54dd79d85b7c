"""What it costs a job that its log is kept: microseconds a line, and for one that says nothing, a job.

    python -m benchmarks.output

Processor time, the best of seven rounds. Where a line goes besides is /dev/null.
"""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Callable

from job_console.engine.output import capture

ROUNDS = 7


def microseconds(call: Callable[[], object], times: int) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            call()
        best = min(best, (time.process_time() - start) / times)
    return best * 1e6


def main() -> None:
    terminal, sys.stdout = sys.stdout, io.TextIOWrapper(io.FileIO("/dev/null", "w"))
    logger = logging.getLogger("benchmark")
    logger.propagate, logger.level = False, logging.INFO
    logger.addHandler(logging.FileHandler("/dev/null"))
    calls: dict[str, Callable[[], object]] = {
        "print, a line": lambda: print("a line as long as jobs print them", 7),
        "a logger's record": lambda: logger.info("row %d of %d", 7, 9),
    }
    without = {name: microseconds(call, 20_000) for name, call in calls.items()}
    capture.begin("job", 1.0)
    kept = {name: microseconds(call, 20_000) for name, call in calls.items()}
    capture.end()
    print("| | without | kept |\n| --- | ---: | ---: |", file=terminal)
    for name in calls:
        print(f"| {name} | {without[name]:.1f} µs | {kept[name]:.1f} µs |", file=terminal)

    def run(*said: str) -> None:
        capture.begin("job", 1.0)
        for line in said:
            print(line)
        capture.end()

    print(f"| a job that says nothing | | {microseconds(run, 2_000):.0f} µs |", file=terminal)
    print(f"| a job's first line, and its end | | {microseconds(lambda: run('x'), 2_000):.0f} µs |", file=terminal)


if __name__ == "__main__":
    main()
