"""Jobs that the tests of progress enqueue."""

import os
import signal
import statistics
import time
from collections.abc import Callable, Iterable, Iterator

import frappe

import job_console


def count(to: int = 3, text: str = "counting", to_user: bool = False) -> int:
    return sum(1 for _number in job_console.track(range(to), text, to_user=to_user))


def count_and_die(to: int) -> None:
    for number in job_console.track(range(to), "counting"):
        time.sleep(0.02)
        if number == to - 1:
            os.kill(os.getpid(), signal.SIGKILL)


def endless(**ignored) -> None:
    """Until somebody asks it to stop; what it wrote is then rolled back."""
    frappe.db.commit()  # on SQLite, Frappe begins no transaction with the connection
    frappe.db.set_single_value("Job Console Settings", "secret_names", "half done")
    for _number in job_console.track(_numbers(), "on and on"):
        time.sleep(0.01)


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def tell_frappe(percent: float = 40, **ignored) -> None:
    """As an app that does not know us."""
    frappe.publish_progress(percent, title="Importing", description="row <b>4</b> of 10")


def loops_in_loops(**ignored) -> None:
    for _outer in job_console.track(range(4), "months"):
        for _inner in job_console.track(range(10), "days"):
            time.sleep(0.02)


def measure(count: int, rounds: int = 5) -> dict[str, float]:
    """Nanoseconds per turn of an empty loop, and what ours add to it: see benchmarks/progress.py."""
    loops: dict[str, Callable[[], Iterable[int]]] = {
        "range": lambda: range(count),
        "generator": lambda: (number for number in range(count)),
        "track": lambda: job_console.track(range(count)),
        "track in track": lambda: next(iter(job_console.track([job_console.track(range(count))]))),
        "progress": lambda: (job_console.progress(number, count) or number for number in range(count)),
    }
    return {name: statistics.median(_turn_ns(loop, count) for _round in range(rounds)) for name, loop in loops.items()}


def _turn_ns(loop: Callable[[], Iterable[int]], count: int) -> float:
    began = time.perf_counter_ns()
    for _item in loop():
        pass
    return (time.perf_counter_ns() - began) / count
