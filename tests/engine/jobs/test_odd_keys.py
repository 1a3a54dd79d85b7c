"""A key of another type costs its row, or is named in the error."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.errors import NoSuchJob
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
            (result,) = act(console, "requeue", job_id)
            # What is no JSON ends whoever takes it: RQ loads a record with all of its fields.
            assert (result["ok"], "its dependency_ids is '{'" in result["reason"]) == (said != "{", said == "{")

    @pytest.mark.parametrize(
        ("key", "said"),
        [
            (keys.QUEUES, "No job can be enqueued: rq:queues holds not"),
            (keys.WORKERS, "No worker can start: rq:workers holds not"),
            (keys.workers_of(SHORT), "short cannot be served: rq:workers:bench:short holds not"),
        ],
    )
    def test_rqs_own_sets(
        self, redis: Any, console: Console, workers: Any, wait_until: Any, quick_proof: None, key: str, said: str
    ) -> None:
        """The whole bench could not be seen, for one key that other software had written."""
        workers.start(SHORT, name="w1")
        # RQ's maintenance, with which it begins, would end it.
        wait_until(lambda: redis.hget(f"{keys.WORKER_PREFIX}w1", "state") == b"idle")
        console.snapshot()  # a process that has looked before
        bench.enqueue(redis, queue=LONG)
        redis.delete(key)
        redis.set(key, "something else")
        console.engine.watch.forget()
        found = [each for each in console.warnings.all(prove=True)["warnings"] if each["code"] == "broken_key"]
        assert [(each["severity"], said in each["message"]) for each in found] == [("critical", True)]
        assert [each["name"] for each in console.snapshot()["workers"]] == ["w1"]
        assert console.engine.fingerprints().read()

    def test_where_it_ought_to_stand(self, redis: Any, console: Console) -> None:
        """It is explained with what is known."""
        job = bench.enqueue(redis)
        redis.set(keys.registry("scheduled", SHORT), "something else")
        assert "It is next in short" in console.jobs.explain(job.id)["because"][1]

    def test_a_record_is_not_called_gone(self, odd: list[str], console: Console) -> None:
        with pytest.raises(NoSuchJob, match="holds not what RQ keeps there"):
            console.jobs.show(odd[1])

    def test_ids_that_are_empty_or_no_text(self, redis: Any, console: Console, quick_proof: None) -> None:
        """`mend` ended with an error, and mended nothing of what was beside them."""
        redis.sadd(keys.QUEUES, keys.queue(SHORT))
        redis.rpush(keys.queue(SHORT), b"", b"a.localhost||\xff\xfe", "a.localhost||gone")
        outcomes = {each["job_id"]: each["ok"] for each in console.warnings.mend()["results"]}
        assert (outcomes[""], outcomes["a.localhost||gone"]) == (True, True)
        assert redis.lrange(keys.queue(SHORT), 0, -1) == [b"a.localhost||\xff\xfe"]
