"""A bench in one row, and a job that may be on any of many benches."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from job_console.engine.look.expected import forecast
from job_console.engine.service import Engine, Viewer
from tests.engine import bench


def test_the_row_of_a_bench_is_what_its_page_says(redis: Any, workers: Any, wait_until: Any) -> None:
    running = bench.enqueue(redis, "tests.jobs.hang")
    workers.start(bench.SHORT)
    wait_until(lambda: bench.status(redis, running.id) == "started")
    for _ in range(3):
        bench.enqueue(redis, queue=bench.LONG)
    redis.set("rq:suspended", 1)
    console = Engine(redis).console(Viewer("tester", may_act=True))
    console.engine.watch.look_proven()
    row, snapshot = console.summary(), console.snapshot()
    lanes = snapshot["queues"]
    assert row["verdict"] == snapshot["health"]["verdict"]
    assert (row["waiting"], row["running"]) == (3, 1)
    assert row["oldest"]["lane"] == "long"
    assert row["oldest"]["wait_s"] == max(lane["oldest_wait_s"] or 0 for lane in lanes)
    assert row["workers"] == {"busy": 1, "idle": 0}
    codes = [(each["severity"], each["message"]) for each in snapshot["warnings"]]
    assert (row["worst"]["severity"], row["worst"]["message"]) in codes
    assert (row["worst"]["code"], row["suspended"]) == ("suspended", True)


def test_a_job_is_found_in_one_round_trip_or_not_at_all(redis: Any) -> None:
    bench.enqueue(redis, name="here", kwargs={"password": "hunter2"})
    bench.enqueue(redis, name="there", site="b.localhost")
    engine = Engine(redis)
    everywhere, one_site = (engine.console(Viewer("tester", site)) for site in (None, "a.localhost"))
    found = everywhere.jobs.find("a.localhost||here")
    assert found is not None
    assert (found["status"], found["actions"]) == ("queued", [])
    assert "hunter2" not in str(found)
    assert everywhere.jobs.find("a.localhost||none") is None
    assert one_site.jobs.find("a.localhost||here") is not None
    assert one_site.jobs.find("b.localhost||there") is None


def test_expected_starts_are_worked_out_for_a_page_once_and_not_for_a_row(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real = [], forecast._Foresight

    def counted(*arguments: Any) -> Any:
        made.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(forecast, "_Foresight", counted)
    bench.enqueue(redis)
    console = Engine(redis).console(Viewer("tester"))
    console.summary()
    look = console.engine.watch.look()
    assert made == []
    with ThreadPoolExecutor(4) as viewers:
        list(viewers.map(console.picture, [look] * 4))
    assert len(made) == 1
