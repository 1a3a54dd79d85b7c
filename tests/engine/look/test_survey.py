"""Ghosts are found among many jobs, also in deep lanes, at a bounded cost a step; never a false one while jobs flow."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis as redis_py
from rq import Queue

from job_console.engine.jobs import state_change
from job_console.engine.look import limits as look_limits
from job_console.engine.look import snapshot
from job_console.engine.look.deep_lanes import DeepLanes
from job_console.engine.look.survey import Survey
from job_console.engine.models.jobs import Job
from job_console.engine.models.sweeps import Effort
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.engine.service import Engine
from job_console.engine.watch.watch import Look

from .. import bench
from ..bench import LONG, SHORT

QUEUE = keys.queue(SHORT)


def around(survey: Survey, engine: Engine) -> set[tuple[str, str]]:
    """Steps until everything was gone through; what it then knows."""
    look = snapshot.take(engine.redis, engine.reader)
    return {(ghost.job.id, ghost.status) for ghost in survey.step(look, Effort(30.0))}


@pytest.fixture
def survey(engine: Engine) -> Survey:
    return Survey(engine.redis, engine.reader)


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lanes are deep, and read in many chunks, when a few hundred jobs wait."""
    monkeypatch.setattr(policies_limits, "LPOS_DEPTH", 100)
    monkeypatch.setattr(look_limits, "LIST_CHUNK", 60)
    monkeypatch.setattr(look_limits, "LIST_OVERLAP", 20)
    monkeypatch.setattr(look_limits, "SURVEY_COUNT", 50)


def test_every_ghost_among_thirty_thousand_jobs(redis: Any, engine: Engine, survey: Survey) -> None:
    assert policies_limits.LPOS_DEPTH < 25_000
    deep = bench.fill(redis, 25_000, LONG, name="a.localhost||deep-{:06d}".format)
    shallow = bench.fill(redis, 5_000, SHORT, name="a.localhost||shallow-{:06d}".format)
    assert around(survey, engine) == set()
    dropped = redis.lpop(keys.queue(LONG)).decode()
    assert dropped == deep[0]
    redis.lrem(keys.queue(SHORT), 1, shallow[2_500])
    redis.lrem(keys.queue(SHORT), 1, shallow[7])
    redis.hset(keys.job(shallow[7]), mapping={"status": "started", "started_at": bench.ago(900)})
    ghosts = {(deep[0], "queued"), (shallow[2_500], "queued"), (shallow[7], "started")}
    assert around(survey, engine) == ghosts
    assert around(survey, engine) == ghosts, "they are ghosts until somebody frees them"


def test_one_that_waits_for_nothing_behind_many_that_do_not(redis: Any, engine: Engine) -> None:
    """Every look reads a few deferred jobs of a lane; the survey comes upon the others."""
    lane = Queue(SHORT, connection=redis)
    failed = lane.enqueue("tests.jobs.say_hello", job_id="a.localhost||failed")
    waits = lane.enqueue("tests.jobs.say_hello", depends_on=failed, job_id="a.localhost||waits")
    redis.lrem(keys.queue(SHORT), 0, failed.id)
    redis.hset(keys.job(failed.id), "status", "failed")
    runs = lane.enqueue("tests.jobs.say_hello", job_id="a.localhost||runs")
    healthy = [lane.enqueue("tests.jobs.say_hello", depends_on=runs) for _ in range(3 * look_limits.DEFERRED_ROWS)]
    redis.zadd(keys.registry("deferred", SHORT), {job.id: 1 for job in healthy})
    redis.zadd(keys.registry("deferred", SHORT), {waits.id: 2e12})

    def reported(twice: Engine) -> list[tuple[str | None, str | None]]:
        found = twice.watch.look_twice(30.0).warnings
        return [(each.job_id, str(each.evidence["dependency"])) for each in found if each.code == "blocked_dependency"]

    assert reported(engine) == [(waits.id, failed.id)]
    engine.watch.remember(engine.watch.look())
    other = Engine(redis)
    assert [job.id for job in _deferred(other.watch.look())] == [waits.id], "another process is told of it"
    redis.hset(keys.job(failed.id), "status", "queued")  # somebody retries it
    redis.rpush(keys.queue(SHORT), failed.id)
    assert reported(engine) == []
    redis.hset(keys.job(waits.id), "status", "queued")
    engine.watch.forget()
    assert _deferred(engine.watch.look_twice(30.0)) == []


def _deferred(look: Look) -> list[Job]:
    """Those that the survey has added."""
    return [job for lane in look.bench.lanes for job in lane.deferred[look_limits.DEFERRED_ROWS :]]


def test_a_step_is_bounded(redis: Any, engine: Engine, survey: Survey, short_lists: None, round_trips: Any) -> None:
    """Also when all jobs were enqueued in the same second, so that none can be told by its age."""
    bench.fill(redis, 3_000, LONG, enqueued_at=bench.ago(60))
    redis.lpop(keys.queue(LONG))
    look = snapshot.take(redis, engine.reader)
    for _ in range(20):
        with round_trips() as counted:
            survey.step(look, Effort(0.0))
        assert len(counted) <= 10, "it read the whole lane"


def test_a_step_without_time_still_goes_on(redis: Any, engine: Engine, survey: Survey) -> None:
    ids = bench.fill(redis, 3_000)
    redis.lrem(keys.queue(SHORT), 1, ids[1_234])
    look = snapshot.take(redis, engine.reader)
    for _ in range(40):
        if survey.step(look, Effort(0.0)):
            return
    pytest.fail("not found in forty steps")


@pytest.mark.parametrize("deep", [False, True])
def test_what_is_mended_is_no_ghost_any_more(
    deep: bool, redis: Any, engine: Engine, survey: Survey, short_lists: None
) -> None:
    ids = bench.fill(redis, 500 if deep else 50)
    for number in range(4):
        redis.lpop(keys.queue(SHORT))
        assert (ids[number], "queued") in around(survey, engine)
    redis.hset(keys.job(ids[0]), "status", "finished")
    redis.delete(keys.job(ids[1]))
    redis.lpush(keys.queue(SHORT), ids[2])
    redis.zadd(keys.registry("started", SHORT), {ids[3]: 2e9})
    assert around(survey, engine) == set()


def test_a_job_moved_into_a_deep_lane_is_no_ghost(
    redis: Any, engine: Engine, survey: Survey, short_lists: None
) -> None:
    """It is older than the head of the lane in whose tail it stands."""
    bench.fill(redis, 500)
    (old,) = bench.fill(redis, 1, name="a.localhost||moved-{}".format, enqueued_at=bench.ago(9_000))
    assert redis.lindex(keys.queue(SHORT), -1).decode() == old
    for _ in range(3):
        assert around(survey, engine) == set()


def test_an_id_deep_in_the_lane_of_another_queue_is_no_ghost(
    redis: Any, engine: Engine, console: Any, survey: Survey, short_lists: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers run what stands in a list, whatever its record says of its origin."""
    monkeypatch.setattr(state_change, "sleep", lambda _seconds: None)
    ids = bench.fill(redis, 500, LONG, name="a.localhost||long-{:06d}".format)
    strange, ghost = bench.fill(redis, 2, name="a.localhost||short-{}".format)
    bench.fill(redis, 300, bench.DEFAULT, name="a.localhost||default-{:06d}".format)
    redis.delete(keys.queue(SHORT))
    redis.linsert(keys.queue(LONG), "BEFORE", ids[300], strange)
    look = snapshot.take(redis, engine.reader)
    assert survey.step(look, Effort(0.0)) == (), "nobody knows yet"
    assert survey.surveyed.unsure, "and it says so"
    assert around(survey, engine) == {(ghost, "queued")}
    for action in ("requeue", "free", "fail"):
        (result,) = console.actions.run(action, [strange])["results"]
        assert (result["ok"], bench.status(redis, strange)) == (False, "queued")
    assert redis.lpos(keys.queue(LONG), strange) == 300
    assert console.actions.run("requeue", [ghost])["results"][0]["ok"]


@pytest.mark.rq
@pytest.mark.parametrize("state", ["deferred", "scheduled", "failed", "canceled"])
def test_a_queue_in_which_nothing_ever_waited_is_shown(state: str, redis: Any, now: Callable[[], Any]) -> None:
    """RQ before 2 lists a queue only when a job waits in it."""
    other = bench.enqueue(redis, queue=SHORT)
    rare = Queue("bench:rare", connection=redis)
    job = rare.enqueue("tests.jobs.say_hello", depends_on=other)
    if state == "scheduled":
        job = rare.enqueue_in(timedelta(hours=1), "tests.jobs.say_hello")
    elif state != "deferred":
        job.cancel()
    redis.srem(keys.QUEUES, keys.queue("bench:rare"))  # as some versions write it and others do not
    if state == "failed":
        redis.hset(keys.job(job.id), "status", "failed")
        redis.zadd(keys.registry("failed", "bench:rare"), {job.id: 9e9})
        redis.delete(keys.registry("canceled", "bench:rare"))
    shown = {lane["name"]: lane["counts"][state] for lane in now()["queues"]}
    assert shown == {SHORT: 0, "bench:rare": 1}


def test_keys_that_are_no_records_cost_nothing(redis: Any, engine: Engine, survey: Survey) -> None:
    (ghost,) = bench.fill(redis, 1)
    redis.delete(keys.queue(SHORT))
    redis.sadd(keys.job("a||b") + ":dependents", "x")
    redis.set(keys.job("text"), "no hash")
    redis.rpush(keys.job("list"), "x")
    redis.hset(keys.job("odd"), mapping={"status": b"\xff", "origin": b"\xff"})
    redis.hset(keys.job("nowhere"), mapping={"status": "queued", "origin": "no such queue"})
    # The last one stands nowhere, too.
    assert around(survey, engine) == {(ghost, "queued"), ("nowhere", "queued")}


def test_what_stood_in_a_queue_that_was_deleted_is_found_at_once(redis: Any, console: Any, quick_proof: None) -> None:
    """RQ's `Queue.delete(delete_jobs=False)`: the queue is in no list any more, and its jobs are there."""
    ghosts = [bench.enqueue(redis).id for _ in range(3)]
    Queue(SHORT, connection=redis).delete(delete_jobs=False)
    (found,) = (each for each in console.warnings.all(prove=True)["warnings"] if each["code"] == "ghost_queued")
    assert (found["evidence"]["count"], set(found["evidence"]["job_ids"])) == (3, set(ghosts))
    console.engine.watch.forget()
    (done,) = console.actions.run("requeue", ghosts[:1])["results"]
    assert (done["ok"], redis.lrange(keys.queue(SHORT), 0, -1)) == (True, [ghosts[0].encode()])


def test_a_lane_of_another_bench_is_not_ours(redis: Any) -> None:
    bench.fill(redis, 1, "theirs:short")
    redis.delete(keys.queue("theirs:short"))
    ours = Engine(redis, queue_prefix="bench:")
    assert Survey(redis, ours.reader, "bench:").step(snapshot.take(redis, ours.reader, "bench:"), Effort(5.0)) == ()


@pytest.mark.parametrize("deep", [False, True])
def test_no_false_one_while_jobs_flow(
    deep: bool,
    redis: Any,
    server: Any,
    engine: Engine,
    survey: Survey,
    monkeypatch: pytest.MonkeyPatch,
    short_lists: None,
) -> None:
    """Jobs are taken, finished, enqueued, canceled and moved all the time."""
    if not deep:
        monkeypatch.setattr(policies_limits, "LPOS_DEPTH", 100_000)
    ids = bench.fill(redis, 1_500)
    ended, flowed = threading.Event(), []

    def flow() -> None:
        dice = random.Random(1)
        client = redis_py.Redis.from_url(server.url)
        waiting, number = list(ids), 0
        while not ended.is_set():
            number += 1
            take = client.pipeline()
            take.lpop(keys.queue(SHORT)).hset(keys.job(waiting.pop(0)), "status", "finished").execute()
            victim = waiting.pop(dice.randrange(500, 1_400))
            cancel = client.pipeline()
            cancel.lrem(keys.queue(SHORT), 1, victim).hset(keys.job(victim), "status", "canceled").execute()
            # The second one is older than the head: it was moved here.
            for name, age in (("new", 0), ("moved", 900)):
                waiting += bench.fill(client, 1, name=(name + "-{}-" + str(number)).format, enqueued_at=bench.ago(age))
            flowed.append(number)
        client.close()

    flowing = threading.Thread(target=flow)
    flowing.start()
    try:
        looks, before = 0, set()
        while looks < 40 or len(flowed) < 200:
            looks += 1
            ghosts = {ghost.job.id for ghost in survey.step(snapshot.take(redis, engine.reader), Effort(0.02))}
            assert not ghosts & before, "twice in a row: it would be taken for true"
            before = ghosts
    finally:
        ended.set()
        flowing.join()


class TestDeepLanes:
    def walk(self, lanes: DeepLanes[str]) -> list[str]:
        found = []
        while lanes.busy:
            found += lanes.step()
        return found

    def test_finds_who_is_missing(self, redis: Any, short_lists: None) -> None:
        ids = bench.fill(redis, 1_000)
        lanes = DeepLanes[str](redis)
        for job_id in (ids[0], ids[500], "missing", ids[-1], "gone"):
            lanes.look_for(SHORT, job_id, job_id)
        assert sorted(self.walk(lanes)) == ["gone", "missing"]

    def test_who_comes_late_gets_a_walk_of_its_own(self, redis: Any, short_lists: None) -> None:
        ids = bench.fill(redis, 1_000)
        lanes = DeepLanes[str](redis)
        lanes.look_for(SHORT, "missing", "missing")
        lanes.step()
        lanes.look_for(SHORT, ids[-1], ids[-1])
        lanes.look_for(SHORT, "late", "late")
        assert self.walk(lanes) == ["missing", "late"]

    def test_jobs_that_leave_in_between_hide_nobody(self, redis: Any, short_lists: None) -> None:
        ids = bench.fill(redis, 1_000)
        lanes = DeepLanes[str](redis)
        for job_id in ids[::5]:
            lanes.look_for(SHORT, job_id, job_id)
        gone: Callable[[], str] = iter(reversed(ids[1::5])).__next__
        while lanes.busy:
            assert lanes.step() == []
            for _ in range(look_limits.LIST_OVERLAP // 2):
                redis.lrem(keys.queue(SHORT), 1, gone())

    @pytest.mark.parametrize("several", [1, 4])
    def test_nor_do_many_that_leave_at_once(self, several: int, redis: Any, short_lists: None) -> None:
        """More than chunks overlap, behind the place that the walk has reached."""
        ids = bench.fill(redis, 1_000)
        lanes = DeepLanes[str](redis)
        for job_id in [*ids[:400], "gone"]:
            lanes.look_for(SHORT, job_id, job_id)
        missing: list[str] = []
        for _ in range(12):
            missing += lanes.step()
        redis.ltrim(QUEUE, 0, -1 - several * look_limits.LIST_CHUNK)
        assert missing + self.walk(lanes) == ["gone"]

    def test_nor_a_queue_that_is_emptied(self, redis: Any, short_lists: None) -> None:
        bench.fill(redis, 1_000)
        lanes = DeepLanes[str](redis)
        lanes.look_for(SHORT, "gone", "gone")
        lanes.step()
        redis.delete(QUEUE)
        assert self.walk(lanes) == ["gone"]

    def test_bounded(self, redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(look_limits, "LIST_IDS", 30)
        bench.fill(redis, 1)
        lanes = DeepLanes[str](redis)
        for number in range(300):
            lanes.look_for(SHORT, str(number), str(number))
        assert len(self.walk(lanes)) == 30
