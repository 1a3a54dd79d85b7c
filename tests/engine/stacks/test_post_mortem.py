"""A flight recorder: what is left of a job that was killed."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import post_mortem
from tests.support.waiting import wait_until

from .test_verdict import sample, seen

AT = datetime.fromtimestamp(1_000.0, timezone.utc)


def test_a_killed_job_tells_where_it_was_and_how_large(
    run: Callable[..., Any], redis: Any, console: Console, workers: Any
) -> None:
    job = run("sleep")
    wait_until(lambda: console.jobs.where(job.id)["verdict"] == "waiting")
    wait_until(lambda: b"gallery.py" in (redis.get(keys.last_seen(job.id)) or b""), timeout=30, message="it is noted")
    (worker,) = workers._started
    (horse,) = workers.horses(worker)
    os.kill(horse, signal.SIGKILL)
    wait_until(lambda: job.get_status(refresh=True) == "failed")
    console.engine.watch.forget()
    reported = console.jobs.explain(job.id)["because"]
    assert "was killed (SIGKILL)" in reported[0]
    assert "MB of memory" in reported[1]
    assert "was at gallery.py:" in reported[1]
    (warning,) = [each for each in console.warnings.all()["warnings"] if each["code"] == "killed"]
    assert "was at gallery.py:" in warning["message"]
    assert warning["evidence"]["peak_memory_bytes"] > 10_000_000
    wait_until(lambda: not redis.hexists(keys.ARMED, job.id), message="its entry is taken away")
    assert console.jobs.where(job.id)["verdict"] == "gone"


def test_a_job_that_ends_leaves_nothing(run: Callable[..., Any], redis: Any, console: Console, tmp_path: Any) -> None:
    path = tmp_path / "lock"
    with path.open("w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        job = run("file_lock", str(path))
        wait_until(lambda: redis.exists(keys.last_seen(job.id)))
    wait_until(lambda: job.get_status(refresh=True) == "finished")
    assert not redis.exists(keys.last_seen(job.id))
    assert not redis.hexists(keys.ARMED, job.id)


def test_an_earlier_runs_remains_are_not_this_ones(redis: Any) -> None:
    redis.set(keys.last_seen("x"), post_mortem.note(seen(sample(1), sample(2)), armed_at=990.0))
    assert post_mortem.read(redis, [("x", AT)]) == [None]
    redis.set(keys.last_seen("x"), post_mortem.note(seen(sample(1), sample(2)), armed_at=1_000.0))
    assert post_mortem.read(redis, [("x", AT)]) == [seen(sample(1), sample(2))]
    older = seen(sample(1), replace(sample(9), stacks_at=2.5))
    redis.set(keys.last_seen("x"), post_mortem.note(older, armed_at=1_000.0))
    assert post_mortem.read(redis, [("x", AT)]) == [older]
    redis.set(keys.last_seen("x"), json.dumps({"armed_at": "x"}))
    assert post_mortem.read(redis, [("x", AT), ("y", None)]) == [None, None]


def test_words() -> None:
    left = seen(sample(990), sample(996))
    assert post_mortem.words(left, AT) == (
        "4 s before its end it held 100 MB of memory, 200 MB at most, and was at stock.py:88 (pull)."
    )
    older = seen(sample(960), replace(sample(996), stacks_at=969.0))
    assert post_mortem.words(older, AT) == (
        "4 s before its end it held 100 MB of memory, 200 MB at most, and 31 s before its end it was at "
        "stock.py:88 (pull)."
    )
    assert post_mortem.words(older, None).endswith("at most, and 27 s before that it was at stock.py:88 (pull).")
    assert "for want of memory" in post_mortem.words(replace(left, out_of_memory=True), AT)
    assert post_mortem.words(seen(sample(1), sample(996, stack=None)), None) == (
        "When it was last seen it held 100 MB of memory, 200 MB at most."
    )
