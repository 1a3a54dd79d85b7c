"""Looking: what a look sees, what it costs, and that it leaves no trace."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import redis as redis_py
from redis.connection import Connection
from rq import Queue
from rq.job import Job

from job_console.engine.errors import BadRequest, NoSuchJob
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.look import limits as look_limits
from job_console.engine.redis.link import connect
from job_console.engine.service import Console, Engine, Viewer
from job_console.engine.watch import limits as watch_limits

from ...support.processes import Workers
from .. import bench

SNAPSHOT_ROUND_TRIPS = 5
PAGE_ROUND_TRIPS = 3


@contextmanager
def round_trips(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts round trips where they happen: each write to a socket is one."""
    made: list[int] = []
    send = Connection.send_packed_command

    def counted(self: Connection, *args: Any, **kwargs: Any) -> Any:
        made.append(1)
        return send(self, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "send_packed_command", counted)
        yield made


def everything(redis: redis_py.Redis) -> dict[bytes, Any]:
    """The whole keyspace, with what expires when."""
    kinds = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        b"stream": redis.xrange,
    }
    return {key: (kinds[redis.type(key)](key), redis.ttl(key) >= 0) for key in redis.keys("*")}


@pytest.fixture
def every_state(queue: Queue, enqueue: Callable[..., Job], workers: Workers, wait_until: Any) -> dict[str, Job]:
    jobs = {"finished": enqueue("say_hello"), "failed": enqueue("fail", message="no stock")}
    worker = workers.start(queue.name)
    wait_until(lambda: jobs["failed"].get_status() == "failed")
    jobs["started"] = enqueue("hang")
    wait_until(lambda: jobs["started"].get_status() == "started")
    jobs["queued"] = enqueue("say_hello")
    jobs["canceled"] = enqueue("say_hello")
    jobs["canceled"].cancel()
    jobs["scheduled"] = queue.enqueue_in(timedelta(hours=1), "tests.jobs.say_hello")
    jobs["deferred"] = queue.enqueue("tests.jobs.say_hello", depends_on=jobs["queued"])
    assert worker.poll() is None
    return jobs


def test_a_snapshot_sees_every_state(every_state: dict[str, Job], console: Console) -> None:
    seen = console.snapshot()
    (lane,) = seen["queues"]
    assert lane["counts"] == {**dict.fromkeys(every_state, 1), "dead": 0}
    assert (lane["name"], lane["label"]) == ("bench:short", "short")
    assert [job["id"] for job in lane["running"]] == [every_state["started"].id]
    assert [job["id"] for job in lane["head"]] == [every_state["queued"].id]
    assert [job["error"]["message"] for job in lane["failures"]] == ["no stock"]
    assert lane["workers"] == {"busy": 1, "idle": 0, "draining": 0, "quiet": 0}
    (worker,) = seen["workers"]
    assert (worker["state"], worker["job_id"]) == ("busy", every_state["started"].id)
    assert worker["heartbeat_age_s"] < 30
    assert seen["warnings"] == []
    json.dumps(seen, allow_nan=False)


def test_queues_of_ones_own_are_lanes_like_all_others(redis: redis_py.Redis, console: Console) -> None:
    """Frappe's own list knows `default`, `short` and `long`, and takes `extra_long` for `long`."""
    ids = {name: bench.enqueue(redis, queue=f"bench:{name}").id for name in ("long", "extra_long", "reports")}
    assert {lane["label"] for lane in console.snapshot()["queues"]} == set(ids)
    for name, job_id in ids.items():
        assert [job["id"] for job in console.jobs.page(queue=f"bench:{name}")["jobs"]] == [job_id]


def test_looking_leaves_no_trace(every_state: dict[str, Job], engine: Engine, redis: redis_py.Redis) -> None:
    """RQ's getters would move the abandoned run to the failed jobs, and drop what has expired."""
    started, queue = every_state["started"], "bench:short"
    for member in redis.zrange(f"rq:wip:{queue}", 0, -1):
        redis.zadd(f"rq:wip:{queue}", {member: 1})
    for registry in ("finished", "failed", "canceled"):
        redis.zadd(f"rq:{registry}:{queue}", {every_state[registry].id: 1})
    console = engine.console(Viewer("operator@test"))
    before = everything(redis)
    console.snapshot()
    console.jobs.page(size=100)
    console.jobs.page(method="say_hello")
    console.jobs.search(text="x")
    console.jobs.show(started.id)
    console.actions.audit()
    console.warnings.all()
    assert everything(redis) == before


@pytest.mark.parametrize("depth", [10, 20_000])
def test_the_cost_of_looking_does_not_grow(
    depth: int, enqueue: Callable[..., Job], queue: Queue, redis: redis_py.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = redis.dump(enqueue("say_hello").key)
    pipeline = redis.pipeline(transaction=False)
    for number in range(depth):
        pipeline.restore(f"rq:job:deep-{number}", 0, template)
        pipeline.rpush(queue.key, f"deep-{number}")
    pipeline.execute()
    monkeypatch.setattr("job_console.engine.watch.watch.SURVEY_EVERY_S", float("inf"))
    monkeypatch.setattr(watch_limits, "SNAPSHOT_TTL_S", 60.0)
    engine = Engine(redis)
    engine.watch._ghosts_at = 0.0  # the survey is counted by itself
    console = engine.console(Viewer("operator@test"))
    redis.config_resetstat()
    with round_trips(monkeypatch) as made:
        assert console.snapshot()["queues"][0]["counts"]["queued"] == depth + 1
    assert len(made) <= SNAPSHOT_ROUND_TRIPS
    for page in (1, 2, depth // 20):
        with round_trips(monkeypatch) as made:
            assert len(console.jobs.page(status="queued", page=max(page, 1), size=5)["jobs"]) == 5
        assert len(made) <= PAGE_ROUND_TRIPS
    calls = {name.lower(): each["calls"] for name, each in redis.info("commandstats").items()}
    # A look asks for the time, and the script that finds its locks does.
    own = calls["cmdstat_time"] + calls["cmdstat_hstrlen"]
    assert calls.pop("cmdstat_hgetall") == own + 2, (
        "what sweeps left, which circuits are open, what is silenced and what is held, once a look, and each job's "
        "progress; no record"
    )
    used = set(calls)
    assert not used & {f"cmdstat_{name}" for name in ("keys", "lpos", "lrem", "sort", "scan", "hscan")}


def test_a_hundred_viewers_cost_what_one_does(
    every_state: dict[str, Job], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_limits, "SNAPSHOT_TTL_S", 60.0)
    together = threading.Barrier(100)

    def view() -> None:
        together.wait()
        engine.console(Viewer("operator@test")).snapshot()

    with round_trips(monkeypatch) as made:
        viewers = [threading.Thread(target=view) for _ in range(100)]
        for viewer in viewers:
            viewer.start()
        for viewer in viewers:
            viewer.join()
        one = len(made)
    engine.watch.forget()
    with round_trips(monkeypatch) as made:
        view_alone = engine.console(Viewer("operator@test"))
        view_alone.snapshot()
    # Not a hundred times: the first look also surveys.
    assert one < 2 * len(made)


def test_pages_follow_the_lists_and_filters_find(every_state: dict[str, Job], console: Console) -> None:
    rows = console.jobs.page(size=100)["jobs"]
    order = ["started", "queued", "scheduled", "deferred", "failed", "canceled", "finished"]
    assert [row["status"] for row in rows] == order
    for status, job in every_state.items():
        assert [row["id"] for row in console.jobs.page(status=status)["jobs"]] == [job.id]
    assert [row["method"] for row in console.jobs.page(method="*.hang")["jobs"]] == ["tests.jobs.hang"]
    assert [row["method"] for row in console.jobs.page(text="no stock")["jobs"]] == ["tests.jobs.fail"]
    assert console.jobs.page(user="administrator", size=100)["total"] == 5
    assert console.jobs.page(site="b.localhost")["jobs"] == []
    due = console.jobs.page(status="scheduled")["jobs"][0]["due_at"]
    assert due is not None
    for wrong in ({"status": "lost"}, {"queue": "nowhere"}, {"page": 0}, {"size": look_limits.PAGE_SIZE_MAX + 1}):
        with pytest.raises(BadRequest):
            console.jobs.page(**wrong)


def test_show_tells_the_whole_story(every_state: dict[str, Job], console: Console) -> None:
    failed = console.jobs.show(every_state["failed"].id)
    assert failed["error"]["traceback"].startswith("Traceback")
    assert [run["outcome"] for run in failed["runs"]] == ["failed"]
    assert [event["event"] for event in failed["timeline"]] == ["created", "enqueued", "started", "ended"]
    assert failed["expires_at"] is not None
    queued = console.jobs.show(every_state["queued"].id)
    assert (queued["position"], queued["dependents"]) == (1, [every_state["deferred"].id])
    assert console.jobs.show(every_state["deferred"].id)["dependencies"] == [every_state["queued"].id]
    assert console.jobs.show(every_state["finished"].id)["result"] == "Hello, world!"
    with pytest.raises(NoSuchJob):
        console.jobs.show("no-such-job")


def test_a_search_streams_and_can_be_left(
    enqueue: Callable[..., Job], queue: Queue, redis: redis_py.Redis, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = enqueue("say_hello", name="ACC-SINV-2026-00042")
    template = redis.dump(enqueue("say_hello").key)
    for number in range(3_000):
        redis.restore(f"rq:job:deep-{number}", 0, template)
    redis.rpush(queue.key, *(f"deep-{number}" for number in range(3_000)))
    last = enqueue("say_hello", name="ACC-SINV-2026-00043")
    monkeypatch.setattr(jobs_limits, "SEARCH_SLICE_S", 0.0)
    found, cursor, slices = [], None, 0
    while True:
        answer = console.jobs.search(text="acc-sinv-2026", cursor=cursor)
        slices += 1
        if slices == 1:
            assert [job["id"] for job in answer["jobs"]] == [wanted.id], "the first hit comes with the first slice"
        found += [job["id"] for job in answer["jobs"]]
        cursor = answer["cursor"]
        if cursor is None:
            break
    assert found == [wanted.id, last.id]
    assert slices == -(-3_003 // jobs_limits.SEARCH_CHUNK)
    with pytest.raises(BadRequest):
        console.jobs.search(text="x", cursor="not a cursor")


def test_other_peoples_rubbish_costs_a_row(
    enqueue: Callable[..., Job], queue: Queue, redis: redis_py.Redis, console: Console
) -> None:
    rubbish = {
        "garbage": {
            "data": b"\xff\xfe no pickle",
            "status": "queued",
            "origin": queue.name,
            "enqueued_at": "yesterday",
        },
        "empty": {"status": "queued"},
        "numbers": {"data": b"", "status": b"\xff", "timeout": "soon", "dependency_ids": "{", "created_at": "0"},
    }
    for job_id, record in rubbish.items():
        redis.hset(f"rq:job:{job_id}", mapping=record)
        redis.rpush(queue.key, job_id)
    redis.sadd("rq:queues", queue.key)
    sound = enqueue("say_hello")
    rows = {job["id"]: job for job in console.snapshot()["queues"][0]["head"]}
    assert set(rows) == {*rubbish, sound.id}
    assert {rows[name]["kind"] for name in rubbish} == {"unreadable"}
    assert rows["garbage"]["problem"]
    assert rows[sound.id]["method"] == "tests.jobs.say_hello"
    for job_id in rubbish:
        json.dumps(console.jobs.show(job_id), allow_nan=False)


def test_a_huge_argument_costs_a_row(enqueue: Callable[..., Job], console: Console) -> None:
    import random

    job = enqueue("weigh", load=random.Random(1).randbytes(20_000_000))
    (row,) = console.snapshot()["queues"][0]["head"]
    assert row["id"] == job.id
    assert "too large" in row["problem"]
    assert len(json.dumps(row)) < 5_000


def test_a_worker_may_have_any_name(
    enqueue: Callable[..., Job], queue: Queue, workers: Workers, console: Console
) -> None:
    name = "büro 3: <b>'x'</b> %s {0} 🐢"
    workers.start(queue.name, name=name)
    (worker,) = console.snapshot()["workers"]
    assert worker["name"] == name


def test_the_redis_user_of_a_bench_with_rq_auth_is_enough(
    every_state: dict[str, Job], redis: redis_py.Redis, server: Any
) -> None:
    """Frappe's rules for it: `RedisQueue.get_acl_key_rules`, `get_acl_command_rules`."""
    rules = ["~rq:[^q]*", "~rq:queues", "~rq:queue:bench:*", "&*", "+@all", "-@admin"]
    redis.execute_command("ACL", "SETUSER", "bench", "reset", "on", ">sesame", *rules)
    try:
        theirs = connect(f"redis://bench:sesame@127.0.0.1:{server.port}")
        console = Engine(theirs, queue_prefix="bench:").console(Viewer("operator@test", may_act=True))
        assert console.snapshot()["queues"][0]["counts"]["started"] == 1
        assert console.actions.run("cancel", [every_state["queued"].id])["results"][0]["ok"]
        assert console.actions.audit()["total"] == 1
    finally:
        redis.execute_command("ACL", "DELUSER", "bench")
