"""Names that seem to mean something else: of workers, of queues, of jobs, and those that wait for each other."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job

from job_console.engine.redis import keys
from job_console.engine.service import Console

from ...support.processes import Workers
from ..bench import LONG, SHORT, age, ago, enqueue, places, status
from .test_reported_faults import explained, reported

pytestmark = pytest.mark.usefixtures("no_reader", "quick_proof")
Wait = Callable[..., object]


def begun(redis: Redis, wait_until: Wait, job: Job) -> Job:
    wait_until(lambda: status(redis, job.id) == "started")
    return job


@pytest.mark.parametrize("busy", [True, False])
def test_two_workers_of_one_name(
    busy: bool, redis: Redis, console: Console, workers: Workers, wait_until: Wait
) -> None:
    """The first one was frozen until its record had expired, and goes on; RQ let the second one take its name."""
    workers.start(SHORT, name="w1", monitor=1)
    job = begun(redis, wait_until, enqueue(redis, "tests.jobs.hang"))
    redis.delete(keys.worker("w1"))
    workers.start(LONG, name="w1", monitor=1)
    born = redis.hget(keys.worker("w1"), "birth")
    if busy:
        begun(redis, wait_until, enqueue(redis, "tests.jobs.hang", LONG))
    wait_until(lambda: (redis.hget(job.key, "last_heartbeat") or b"") > (born or b"x"), message="it goes on")
    assert reported(console) == {}
    assert explained(console, job)[0][0].startswith("It is running")
    for action in ("fail", "requeue"):
        (result,) = console.actions.run(action, [job.id])["results"]
        assert (result["ok"], status(redis, job.id)) == (False, "started")
    redis.hset(job.key, "last_heartbeat", ago(30))
    for member in redis.zrange(keys.registry("started", SHORT), 0, -1):
        redis.zadd(keys.registry("started", SHORT), {member: 1})
    workers.end_all()
    assert reported(console)["worker_lost"]["job_id"] == job.id


def test_a_queue_with_a_comma_in_its_name(redis: Redis, console: Console, workers: Workers, wait_until: Wait) -> None:
    """RQ puts commas between the queues of a worker."""
    odd = Queue("bench:mail,bulk", connection=redis)
    workers.start(odd.name, SHORT, name="w1")
    begun(redis, wait_until, odd.enqueue("tests.jobs.hang"))
    waits = odd.enqueue("tests.jobs.say_hello")
    age(redis, waits.id, 100, "enqueued_at")
    assert reported(console) == {}
    assert "The only worker of mail,bulk is busy" in " ".join(explained(console, waits)[0])
    (worker,) = console.snapshot()["workers"]
    assert set(worker["queues"]) == {odd.name, SHORT}


def test_a_queue_of_whose_name_nothing_is_left_to_read(redis: Redis, console: Console) -> None:
    for name in ("bench:", " "):
        age(redis, Queue(name, connection=redis).enqueue("tests.jobs.say_hello").id, 100, "enqueued_at")
    console.engine.watch.forget()
    said = {each["message"].partition(":  ")[0] for each in console.warnings.all(prove=True)["warnings"]}
    assert {each.partition(" serves ")[2][:9] for each in said} == {'"bench:":', '" ": 1 jo'}


def test_an_id_that_looks_like_an_execution_of_another_job(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait
) -> None:
    """rq 1 lists running jobs by their ids, and lets these have colons; rq 2 by JOB:EXECUTION."""
    lane, name = Queue(LONG, connection=redis), f"import:{uuid.uuid4().hex}"
    try:
        job = lane.enqueue("tests.jobs.hang", job_id=name)
    except ValueError:
        pytest.skip("this version of rq refuses it")
    workers.start(LONG, name="w1")
    begun(redis, wait_until, job)
    assert reported(console) == {}
    other = lane.enqueue("tests.jobs.say_hello", job_id="import")
    redis.delete(lane.key)
    redis.hset(other.key, "enqueued_at", ago(60))
    assert set(reported(console)) == {"ghost_queued"}
    (row,) = console.snapshot()["queues"][0]["running"]
    assert (row["id"], row["lost"]) == (name, False)
    assert console.actions.run("fail", ["import"])["results"][0]["ok"]
    assert redis.zscore(keys.registry("started", LONG), name), "the other one is left alone"


def test_one_that_runs_and_names_no_worker(redis: Redis, console: Console, workers: Workers, wait_until: Wait) -> None:
    """Its lease is what tells that somebody has it."""
    workers.start(SHORT, name="w1")
    job = begun(redis, wait_until, enqueue(redis, "tests.jobs.hang"))
    redis.hdel(job.key, "worker_name")
    assert reported(console) == {}
    for action in ("fail", "requeue"):
        assert not console.actions.run(action, [job.id])["results"][0]["ok"]
    assert places(redis, job.id) == [f"started {SHORT}"]


def test_each_job_of_a_circle_says_that_it_waits_for_itself(redis: Redis, console: Console) -> None:
    """The warning is of one of them."""
    lane = Queue(SHORT, connection=redis)
    circle = [lane.enqueue("tests.jobs.say_hello", job_id=f"a.localhost||{name}") for name in "abc"]
    redis.delete(lane.key)
    for job, awaited in zip(circle, [*circle[1:], circle[0]], strict=True):
        redis.hset(job.key, mapping={"status": "deferred", "dependency_ids": f'["{awaited.id}"]'})
        redis.zadd(keys.registry("deferred", SHORT), {job.id: "+inf"})
        redis.sadd(keys.dependents(awaited.id), job.id)
    assert set(reported(console)) == {"blocked_dependency"}
    for job, others in zip(
        circle, ("b and a.localhost||c", "c and a.localhost||a", "a and a.localhost||b"), strict=True
    ):
        because, remedies = explained(console, job)
        assert f"waits for ever: it depends on itself, by way of a.localhost||{others}." in because[0]
        assert [action for action, _label in remedies] == ["cancel"]
