"""What a killed worker left, ghosts and orphan ids: put back, failed, freed or cleared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis as redis_py
from rq import Queue
from rq.job import Job

from job_console.engine.redis import keys
from job_console.engine.service import Console

from ...support.processes import Workers
from .acting import act


@pytest.mark.parametrize("action", ["requeue", "fail"])
def test_what_a_killed_worker_left_is_put_back_or_failed(
    action: str, in_state: Callable[[str], str], console: Console, workers: Workers, queue: Queue, redis: redis_py.Redis
) -> None:
    job_id = in_state("started")
    (worker,) = redis.smembers("rq:workers")
    workers.end_all()
    assert not act(console, action, job_id)[0]["ok"], "its lease still holds: a worker may be alive"
    redis.delete(worker)
    (result,) = act(console, action, job_id)
    expected = {"requeue": "queued", "fail": "failed"}[action]
    assert (result["ok"], result["state_after"]) == (True, expected)
    assert redis.zcard(keys.registry("started", queue.name)) == 0
    assert queue.fetch_job(job_id).get_status() == expected
    if action == "fail":
        assert "worker is gone" in console.jobs.show(job_id)["error"]["message"]
        assert act(console, "retry", job_id)[0]["ok"]


def test_what_a_killed_worker_left_is_not_failed_where_it_is_to_run_again(
    in_state: Callable[[str], str], console: Console, workers: Workers, queue: Queue, redis: redis_py.Redis
) -> None:
    """Whoever put it back has not written its state yet, or died before."""
    job_id = in_state("started")
    (worker,) = redis.smembers("rq:workers")
    workers.end_all()
    redis.delete(worker)
    redis.rpush(queue.key, job_id)
    (result,) = act(console, "fail", job_id)
    assert (result["ok"], result["state_after"]) == (False, "started")
    assert queue.job_ids == [job_id]
    assert redis.zcard(keys.registry("failed", queue.name)) == 0


def test_a_worker_that_goes_on_with_another_job_holds_it_no_more(
    in_state: Callable[[str], str], console: Console, workers: Workers, redis: redis_py.Redis
) -> None:
    job_id = in_state("started")
    (worker,) = redis.smembers("rq:workers")
    workers.end_all()
    assert not act(console, "fail", job_id)[0]["ok"]
    redis.hset(worker, "current_job", "another")
    assert act(console, "fail", job_id)[0]["ok"]


def test_a_ghost_is_put_back_or_freed(enqueue: Callable[..., Job], console: Console, queue: Queue) -> None:
    one, two = enqueue("say_hello"), enqueue("say_hello")
    queue.connection.delete(queue.key)
    assert act(console, "requeue", one.id)[0]["ok"]
    assert queue.job_ids == [one.id]
    assert not act(console, "requeue", one.id)[0]["ok"], "it is no ghost any more"
    assert act(console, "delete", two.id)[0]["ok"]
    assert not Job.exists(two.id, connection=queue.connection)


def test_an_orphan_id_is_cleared(enqueue: Callable[..., Job], console: Console, queue: Queue) -> None:
    orphan, sound = enqueue("say_hello"), enqueue("say_hello")
    queue.connection.delete(orphan.key)
    assert act(console, "clear", orphan.id, queue="short")[0]["ok"]
    assert queue.job_ids == [sound.id]
    assert not act(console, "clear", sound.id, queue="short")[0]["ok"]
    assert queue.job_ids == [sound.id]
