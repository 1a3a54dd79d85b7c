"""What of a trace travels in a job's `meta`, and what stands around RQ's methods; spans themselves are tested on a
bench (runtime/tests/test_traces.py)."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from rq import Queue, Worker

from job_console.engine.traces import carried, lost

HEADERS = {"traceparent": "00-da378d9f2f627784ac782d2aaf7f3ef2-820825e250f3ee19-01"}


def test_headers_stand_beside_what_the_application_has_put_there() -> None:
    meta = carried.noted({"mine": 1}, carried.MADE, HEADERS)
    both = carried.noted(meta, carried.RUN, {"traceparent": "x"})
    assert (both["mine"], carried.of(both, carried.MADE), carried.of(both, carried.RUN)["traceparent"]) == (
        1,
        HEADERS,
        "x",
    )
    assert carried.of(meta, carried.RUN) == {}, "a new one, the old one is as it was"
    assert carried.noted({"mine": 1}, carried.MADE, {}) == {"mine": 1}


@pytest.mark.parametrize("meta", [None, [], "x", {carried.META: 1}, {carried.META: {"made": ["x"]}}])
def test_whatever_else_stands_there(meta: Any) -> None:
    assert carried.of(meta, carried.MADE) == {}
    assert carried.of({carried.META: {"made": {"traceparent": 1, "tracestate": "a=b"}}}, "made") == {
        "tracestate": "a=b"
    }


@pytest.mark.rq
def test_this_rq_has_what_tells_of_a_killed_process_and_off_means_off(redis: Any) -> None:
    """With no run noted, a worker that sees a process die asks Redis once, and imports nothing."""
    lost.install()
    for name in (lost._KILLED, lost._FAILED):
        assert hasattr(getattr(Worker, name), lost._MARK)
    job = Queue("short", connection=redis).enqueue_call("tests.jobs.say_hello")
    lost._tell(job, 9, stopped=False)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            # redis-py 8 imports it for itself, where it is installed.
            "import redis, sys; before = [*sys.modules]; import job_console.engine.operate.rq_settings; "
            "print(any(name.startswith('opentelemetry') for name in sys.modules if name not in before))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
