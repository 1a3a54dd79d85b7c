"""A worker takes a job while somebody acts on it: nothing runs twice, and nothing after it was deleted."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from rq import Queue

from job_console.engine.jobs import state_change, stopping
from job_console.engine.models.jobs import Job as Record
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine
from tests.support.processes import ROOT, Workers, kill
from tests.support.sizes import sized

from .. import bench, counted
from ..bench import LONG, SHORT
from .acting import act
from .taking import start, take


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], list[float]]:
    """Does something while an action waits; the pauses it made."""

    def use(happens: Callable[[], None]) -> list[float]:
        pauses: list[float] = []

        def sleep(seconds: float) -> None:
            pauses.append(seconds)
            happens()

        monkeypatch.setattr(state_change, "sleep", sleep)
        return pauses

    return use


@pytest.mark.parametrize("action", ["delete", "requeue", "fail", "free"])
def test_a_job_that_a_worker_has_just_taken_is_no_ghost(
    action: str, redis: Any, console: Console, meanwhile: Any
) -> None:
    job = bench.enqueue(redis)
    taken = take(redis)
    pauses = meanwhile(lambda: start(redis, taken))
    (result,) = act(console, action, job.id)
    assert pauses == [policies_limits.GHOST_WAIT_S]
    assert (result["ok"], result["state_after"]) == (False, "started")
    assert bench.status(redis, job.id) == "started"
    assert bench.places(redis, job.id) == [f"started {SHORT}"]


@pytest.mark.parametrize("action", ["requeue", "fail", "delete", "free"])
def test_nor_is_one_that_stands_between_queue_and_run(
    action: str, redis: Any, console: Console, meanwhile: Any
) -> None:
    """A worker of one queue keeps what it takes in a list of its own until it has started it."""
    job = bench.enqueue(redis)
    redis.lmove(keys.queue(SHORT), keys.intermediate(SHORT), "LEFT", "RIGHT")

    def go_on() -> None:
        redis.lrem(keys.intermediate(SHORT), 1, job.id)
        start(redis, job.id)

    meanwhile(go_on)
    assert not act(console, action, job.id)[0]["ok"]
    assert bench.places(redis, job.id) in ([f"started {SHORT}"], [f"intermediate {SHORT}"])


@pytest.mark.parametrize(
    ("action", "after", "places"),
    [
        ("delete", "gone", []),
        ("free", "gone", []),
        ("requeue", "queued", [f"queued {SHORT}"]),
        ("fail", "failed", [f"failed {SHORT}"]),
    ],
)
def test_a_ghost_still_is_one_later(
    action: str, after: str, places: list[str], redis: Any, console: Console, meanwhile: Any
) -> None:
    jobs = [bench.enqueue(redis) for _ in range(5)]
    redis.delete(keys.queue(SHORT))
    pauses = meanwhile(lambda: None)
    results = act(console, action, *(job.id for job in jobs))
    assert [(result["ok"], result["state_after"]) for result in results] == [(True, after)] * 5
    assert pauses == [policies_limits.GHOST_WAIT_S], "one pause for all"
    assert {tuple(bench.places(redis, job.id)) for job in jobs} == {tuple(places)}


def test_a_waiting_job_needs_no_pause(redis: Any, console: Console, meanwhile: Any) -> None:
    jobs = [bench.enqueue(redis) for _ in range(3)]
    pauses = meanwhile(lambda: None)
    assert act(console, "delete", jobs[0].id)[0]["ok"]
    assert act(console, "cancel", jobs[1].id)[0]["ok"]
    assert not act(console, "requeue", jobs[2].id)[0]["ok"]
    assert pauses == []


@pytest.mark.parametrize("became", ["queued", "intermediate", "started", "failed", "finished", "scheduled"])
def test_the_id_of_a_former_ghost_is_not_freed(became: str, redis: Any, console: Console, meanwhile: Any) -> None:
    """Whoever saw the ghost may act late: the next run of the same work has the same id."""
    job = bench.enqueue(redis)
    if became == "started":
        start(redis, take(redis))
    elif became == "intermediate":
        redis.lmove(keys.queue(SHORT), keys.intermediate(SHORT), "LEFT", "RIGHT")
    elif became != "queued":
        redis.delete(keys.queue(SHORT))
        redis.hset(keys.job(job.id), "status", became)
        redis.zadd(keys.registry(became, SHORT), {job.id: 2e9})
    before = redis.hgetall(keys.job(job.id)), bench.places(redis, job.id)
    pauses = meanwhile(lambda: None)
    (result,) = act(console, "free", job.id)
    assert (result["ok"], result["state_after"]) == (False, "queued" if became == "intermediate" else became)
    assert "only the id of a ghost" in result["reason"]
    assert (redis.hgetall(keys.job(job.id)), bench.places(redis, job.id)) == before
    assert pauses == []


def read_as(engine: Engine, monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    """Something happens right after an action has read its jobs."""
    read = engine.reader.read

    def late(job_ids: Sequence[str]) -> list[Record]:
        jobs = read(job_ids)
        if job_ids:
            monkeypatch.setattr(engine.reader, "read", read)
            then()
        return jobs

    monkeypatch.setattr(engine.reader, "read", late)


@pytest.mark.parametrize("before", ["failed", "started", "queued"])
def test_a_job_that_finishes_while_it_is_retried_gets_a_copy_with_a_name(
    before: str, redis: Any, engine: Engine, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job_id,) = bench.fill(redis, 1, status=before)
    redis.delete(keys.queue(SHORT))
    console.snapshot()

    def finish() -> None:
        redis.hset(keys.job(job_id), "status", "finished")
        redis.zadd(keys.registry("finished", SHORT), {job_id: 2e9})

    read_as(engine, monkeypatch, finish)
    (result,) = act(console, "retry", job_id)
    assert result["ok"]
    assert result["new_job_id"].startswith("a.localhost||")
    assert not redis.exists("rq:job:")
    assert redis.lrange(keys.queue(SHORT), 0, -1) == [result["new_job_id"].encode()]


def test_a_job_that_ends_by_itself_was_not_stopped(
    redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job_id,) = bench.fill(redis, 1)
    start(redis, take(redis))
    send = stopping.send

    def ends(*given: Any, **more: Any) -> Any:
        sent = send(*given, **more)
        redis.hset(keys.job(job_id), "status", "finished")
        return sent

    monkeypatch.setattr(stopping, "send", ends)
    (result,) = act(console, "stop", job_id)
    assert (result["ok"], result["state_before"], result["state_after"]) == (False, "started", "finished")
    assert "by itself" in result["reason"]


@pytest.mark.parametrize("action", ["cancel", "move", "front"])
def test_a_job_that_was_just_taken_is_left_alone(action: str, redis: Any, console: Console) -> None:
    bench.enqueue(redis, queue=LONG)
    job = bench.enqueue(redis)
    take(redis)
    before = bench.dump(redis)
    (result,) = act(console, action, job.id, to=LONG if action == "move" else None)
    assert (result["ok"], result["state_after"]) == (False, "queued")
    assert "took it" in result["reason"]
    after = {key: value for key, value in bench.dump(redis).items() if b"job_console" not in key}
    assert after == before


RACER = """
import random, sys, redis
from job_console.engine.policies import limits
from job_console.engine.service import Engine, Viewer
limits.GHOST_WAIT_S = 1.0
client = redis.from_url(sys.argv[1])
console = Engine(client).console(Viewer("racer", may_act=True))
action, ids = sys.argv[2], sys.argv[3].split()
random.shuffle(ids)
console.snapshot()
client.incr("test:ready")
client.blpop("test:go")
for at in range(0, len(ids), 5):
    for job in console.actions.run(action, ids[at:at + 5], to="bench:long" if action == "move" else None)["results"]:
        if job["ok"]:
            print(job["job_id"], job["state_before"])
"""


@pytest.fixture
def race(redis: Any, server: Any, wait_until: Callable[..., Any]) -> Iterator[Callable[..., dict[str, dict[str, str]]]]:
    """`race({"cancel": ids, …}, begin)`: a process for each action; all go when `begin` returns. What each did:
    action → {job id: state before}."""
    racers: dict[str, subprocess.Popen[str]] = {}

    def run(
        lots: dict[str, list[str]], begin: Callable[[], object], meanwhile: Callable[[], object] = lambda: None
    ) -> dict[str, dict[str, str]]:
        for action, ids in lots.items():
            racers[action] = subprocess.Popen(
                [sys.executable, "-c", RACER, server.url, action, " ".join(ids)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        wait_until(lambda: int(redis.get("test:ready") or 0) == len(lots))
        begin()
        redis.rpush("test:go", *lots)
        meanwhile()
        done = {}
        for action, racer in racers.items():
            said, _ = racer.communicate(timeout=240)
            assert racer.returncode == 0, action
            done[action] = dict(line.rsplit(" ", 1) for line in said.splitlines())
        return done

    yield run
    for racer in racers.values():
        racer.kill()
        racer.communicate()


def test_every_job_runs_once_or_was_taken_out(
    redis: Any, workers: Workers, race: Any, wait_until: Callable[..., Any]
) -> None:
    """Hundreds of jobs: workers of several queues take them, others cancel, delete, move, front and requeue them."""
    queue, long = Queue(SHORT, connection=redis), Queue(LONG, connection=redis)
    redis.sadd(keys.QUEUES, queue.key, long.key)
    ids = [f"a.localhost||{number}" for number in range(sized(300, 1_000))]
    crew = [workers.start(SHORT, LONG, fork=False) for _ in range(3)]
    lots = {"cancel": ids[::4], "delete": ids[1::4], "move": ids[::3], "front": ids[::2], "requeue": ids[::5]}
    work = [Queue.prepare_data(counted.run, timeout=60, result_ttl=600, job_id=job_id) for job_id in ids]

    def begin() -> None:
        for worker in crew:
            kill(worker.pid, signal.SIGSTOP)
        queue.enqueue_many(work)

    def meanwhile() -> None:
        """Workers that are quicker than everybody else would leave nothing to race for."""
        wait_until(lambda: redis.zcard(keys.registry("canceled", SHORT)))
        for worker in crew:
            kill(worker.pid, signal.SIGCONT)

    done = race(lots, begin, meanwhile)
    canceled = done["cancel"].keys() - done["delete"].keys()
    stay = set(ids) - canceled - done["delete"].keys()
    ended = {f"finished {SHORT}", f"finished {LONG}"}
    wait_until(
        lambda: (
            not queue.job_ids and not long.job_ids and all(bench.status(redis, each) == "finished" for each in stay)
        ),
        timeout=200,
    )
    runs = {job_id.decode(): int(count) for job_id, count in redis.hgetall(counted.RUNS).items()}
    never_ran = canceled | {job_id for job_id, before in done["delete"].items() if before != "finished"}
    assert canceled
    assert never_ran - canceled
    assert sorted(job_id for job_id in never_ran if job_id in runs) == []
    assert {job_id: runs.get(job_id) for job_id in stay} == dict.fromkeys(stay, 1)
    assert [
        job_id
        for job_id in stay
        if len(bench.places(redis, job_id)) != 1 or not ended & set(bench.places(redis, job_id))
    ] == []
    assert {place for job_id in canceled for place in bench.places(redis, job_id)} <= {
        f"canceled {SHORT}",
        f"canceled {LONG}",
    }
    assert [job_id for job_id in done["delete"] if redis.exists(keys.job(job_id)) or bench.places(redis, job_id)] == []
