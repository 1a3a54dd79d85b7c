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
from job_console.engine.output.ring import Ring

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
    once = microseconds(Ring, 200) + microseconds(lambda: (capture.begin("job", 1.0), capture.end()), 2_000)
    print(f"| a job that says nothing | | {once:.0f} µs |", file=terminal)


if __name__ == "__main__":
    main()
