"""A key of another type costs its row, or is named in the error."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.redis import keys
from job_console.engine.service import Console

from .. import bench
from ..bench import LONG, SHORT
from .acting import act


class TestOddKeys:
    """A key of another type costs its row, or is named in the error."""

    @pytest.fixture
    def odd(self, redis: Any) -> list[str]:
        ids = bench.fill(redis, 3)
        redis.delete(keys.job(ids[1]))
        redis.set(keys.job(ids[1]), "no hash")
        return ids

    def test_a_record_costs_its_row(self, odd: list[str], console: Console) -> None:
        (lane,) = console.snapshot()["queues"]
        assert [row["id"] for row in lane["head"]] == [odd[0], odd[2]]
        assert [row["status"] for row in console.jobs.page()["jobs"]] == ["queued", "vanished", "queued"]
        assert len(console.jobs.search(method="say_hello")["jobs"]) == 2
        for action in ("cancel", "retry", "delete", "front", "requeue", "fail", "free", "stop"):
            results = act(console, action, odd[1])
            assert [result["state_before"] for result in results] == ["missing"]

    def test_its_id_can_be_cleared(self, odd: list[str], redis: Any, console: Console) -> None:
        assert act(console, "clear", odd[1], queue="short")[0]["ok"]
        assert [member.decode() for member in redis.lrange(keys.queue(SHORT), 0, -1)] == [odd[0], odd[2]]

    def test_results(self, redis: Any, console: Console) -> None:
        (job_id,) = bench.fill(redis, 1, status="failed", exc_info="Traceback (most recent call last):\nValueError: x")
        redis.delete(keys.queue(SHORT))
        redis.zadd(keys.registry("failed", SHORT), {job_id: 2e9})
        redis.set(keys.results(job_id), "no stream")
        assert console.snapshot()["queues"][0]["failures"][0]["error"]["message"] == "x"
        assert console.jobs.show(job_id)["runs"] == []

    def test_a_queue_costs_the_view_of_its_lane_only(self, redis: Any, console: Console, quick_proof: None) -> None:
        bench.fill(redis, 3, LONG, enqueued_at=bench.ago(1))
        redis.sadd(keys.QUEUES, keys.queue(SHORT))
        redis.set(keys.queue(SHORT), "no list")
        (warning,) = console.warnings.all(prove=True)["warnings"]
        assert (warning["code"], warning["queue"]) == ("broken_key", SHORT)
        assert warning["evidence"] == {"keys": [keys.queue(SHORT)]}
        assert [lane["counts"]["queued"] for lane in console.snapshot()["queues"]] == [0, 3]
        assert console.jobs.page()["total"] == 3
        assert len(console.jobs.search()["jobs"]) == 3

    def test_dependencies_that_are_none(self, redis: Any, console: Console) -> None:
        for number, said in enumerate(["{", "7", '"x"', "[1]"]):
            (job_id,) = bench.fill(redis, 1, name=lambda _, n=number: f"a.localhost||{n}", status="deferred",
                                   dependency_ids=said)  # fmt: skip
            redis.delete(keys.queue(SHORT))
            redis.zadd(keys.registry("deferred", SHORT), {job_id: 1})
            assert act(console, "requeue", job_id)[0]["ok"]
