"""What is due is done though nobody looks, no other job ends, and every worker is idle: no test here sweeps."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job

from job_console.engine.host import duty_thread
from job_console.engine.host.duty_thread import DutyThread
from job_console.engine.host.kept_bench import KeptBench
from job_console.engine.host.reader import Reader
from job_console.engine.look import limits as look_limits
from job_console.engine.models.policies import Backoff, Policy
from job_console.engine.policies import store
from job_console.engine.redis import keys
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.stacks import limits as stacks_limits
from job_console.engine.stacks import serving
from job_console.engine.stacks.arming import host
from tests.jobs import wrapped

from ...support.processes import Workers, kill
from ..bench import SHORT, places, status
from ..concurrency import work as place_work
from ..conftest import readers
from ..retries import work

SITE = "a.localhost"

pytestmark = pytest.mark.usefixtures("reading")


def enqueue(redis: Redis, name: str, policy: dict[str, Any] | None = None, **kwargs: Any) -> Job:
    method = f"{work.__name__}.{name}"
    if policy is not None:
        store.publish(redis, SITE, [Policy(name, "method", method, **policy)], store.take_ticket(redis))
    call = wrapped(method, site=SITE, **kwargs)
    lane = Queue(SHORT, connection=redis)
    return lane.enqueue_call(work.KEPT, kwargs=call, timeout=60, result_ttl=600, failure_ttl=604_800)


def retried(redis: Redis, after_s: float) -> Job:
    return enqueue(redis, "fail_at_first", {"attempts": 2, "backoff": Backoff((after_s,), jitter=0)})


def waits(redis: Redis, job: Job) -> Callable[[], bool]:
    return lambda: places(redis, job.id) == [f"scheduled {SHORT}"]


def test_a_retry_that_is_due_runs(redis: Redis, workers: Workers, wait_until: Callable[..., object]) -> None:
    redis.set(keys.sweep_lease("bench:", "retry"), "somebody who never comes to it", ex=600)
    job = retried(redis, 1.5)
    workers.start(SHORT)
    wait_until(waits(redis, job))
    due = redis.zscore(keys.RETRIES, job.id)
    wait_until(lambda: status(redis, job.id) == "finished")
    back = datetime.fromisoformat(redis.hget(keys.job(job.id), "enqueued_at").decode().replace("Z", "+00:00"))
    assert due is not None
    assert 0 <= back.timestamp() - due < 10


def test_what_is_due_while_rq_still_puts_it_away_runs_too(
    redis: Redis, workers: Workers, wait_until: Callable[..., object]
) -> None:
    job = retried(redis, 0.001)
    workers.start(SHORT)
    wait_until(lambda: status(redis, job.id) == "finished")
    assert redis.hget(work.RUNS, job.id) == b"2"


def test_when_it_is_killed_the_next_job_that_ends_moves_what_is_due_and_starts_another(
    redis: Redis, workers: Workers, wait_until: Callable[..., object]
) -> None:
    job = retried(redis, 3600)
    workers.start(SHORT)
    wait_until(lambda: waits(redis, job)() and readers(redis))
    (first,) = readers(redis)
    kill(first)
    wait_until(lambda: not Path(f"/proc/{first}/cmdline").exists() or not Path(f"/proc/{first}/cmdline").read_bytes())
    redis.zadd(keys.RETRIES, {job.id: 1})
    later = retried(redis, 3600)
    wait_until(lambda: status(redis, job.id) == "finished")
    wait_until(lambda: readers(redis) not in ([], [first]))
    redis.zadd(keys.RETRIES, {later.id: 1})
    wait_until(lambda: status(redis, later.id) == "finished", message="the new one sees to it")


def test_a_place_that_a_killed_run_has_left_is_given(
    redis: Redis, workers: Workers, wait_until: Callable[..., object]
) -> None:
    def placed(job_id: str, **said: Any) -> Job:
        call = wrapped(place_work.PLACED, site=SITE, place="p", runs=1, **{"takes_s": 0.0, "kept": True, **said})
        return Queue(SHORT, connection=redis).enqueue_call(place_work.PLACED, kwargs=call, timeout=60, job_id=job_id)

    redis.set(keys.sweep_lease("bench:", "places"), "somebody who never comes to it", ex=600)
    holder = placed("holder", takes_s=None, killed="horse")
    workers.start(SHORT)
    wait_until(lambda: redis.hexists(place_work.RUNS, holder.id))
    waiting = placed("waiting")
    workers.start(SHORT)
    wait_until(waits(redis, waiting))
    redis.set(place_work.GO, 1)
    wait_until(lambda: redis.hexists(place_work.DONE, waiting.id))
    assert not redis.hexists(place_work.DONE, holder.id)


def test_a_run_that_was_killed_unseen_is_judged(
    redis: Redis, workers: Workers, wait_until: Callable[..., object]
) -> None:
    """That is a duty of the sweep: somebody sweeps."""
    redis.zadd(keys.RETRIES, {"somebody waits": 4e9})
    policy = {"attempts": 1, "lost": "requeue"}
    workers.start(SHORT)
    enqueue(redis, "while_down")
    wait_until(lambda: readers(redis))
    job = enqueue(redis, "die_at_first", policy)
    wait_until(lambda: redis.hexists(work.DONE, job.id))
    (pid,) = readers(redis)
    # The job was brought back, and ran, before the sweep has written down that it is done.
    wait_until(lambda: f":{pid}".encode() in (redis.hget(keys.sweep("bench:"), "retry") or b""))


def test_it_stays_while_something_waits_and_goes_when_nothing_does(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacks_limits, "READER_IDLE_S", 0.0)
    reader = Reader(redis)
    assert not reader._is_needed()
    redis.zadd(keys.RETRIES, {"j": 4e9})
    assert reader.duties.turn() == look_limits.DUTIES_EVERY_S
    assert reader._is_needed()
    redis.delete(keys.RETRIES)
    reader.duties.turn()
    assert not reader._is_needed()


def test_when_its_code_is_replaced_another_takes_over(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[Any, ...]] = []
    monkeypatch.setattr(serving, "start", lambda *given: started.append(given))
    for waiting in (False, True):
        reader = Reader(redis, "bench:")
        reader._code = ()
        reader.duties.waiting = waiting
        monkeypatch.setattr(reader.duties, "start", lambda: None)
        reader.run()
        assert redis.get(keys.stack_reader(host())) == (b"starting" if waiting else None)
    assert started == [(redis, "bench:", None)]
    redis.delete(keys.stack_reader(host()))


def test_while_nothing_is_due_a_turn_is_one_round_trip(redis: Redis, round_trips: Callable[..., Any]) -> None:
    redis.zadd(keys.RETRIES, {"j": 4e9})
    keeps = DutyThread(redis)
    keeps.turn()
    with round_trips() as counted:
        keeps.turn()
    assert len(counted) == 1


def test_that_a_scheduler_has_gone_is_settled_before_anything_is_swept(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep of a busy host takes seconds, and within as many it is to be told."""
    (tmp_path / "config").mkdir()
    (tmp_path / "sites" / SITE).mkdir(parents=True)
    keeps = DutyThread(redis, "bench:", str(tmp_path))
    keeps.add("other:", None)
    with (tmp_path / "config" / "scheduler_process").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keeps.turn()  # which loads what sweeps
        assert keeps.turn() == look_limits.DUTIES_EVERY_S
    swept: list[str] = []
    monkeypatch.setattr(KeptBench, "sweep", lambda bench: swept.append(bench.queue_prefix))
    assert keeps.turn() == look_limits.DUTIES_SETTLES_S
    assert swept == []
    monkeypatch.setattr(schedule_limits, "SCHEDULER_ALONE_S", -60.0)
    assert keeps.turn() == look_limits.DUTIES_SETTLES_S
    assert swept == ["bench:", "other:"], "and no later than it is known"


def test_two_benches_of_one_redis_are_both_swept(
    redis: Redis, workers: Workers, wait_until: Callable[..., object]
) -> None:
    """Their jobs' host has one process for both: it was started by the first one's."""
    neighbour = "other:"
    redis.zadd(keys.RETRIES, {"somebody waits": 4e9})
    workers.start(SHORT)
    enqueue(redis, "while_down")
    wait_until(lambda: readers(redis))
    wait_until(lambda: redis.hlen(keys.sweep("bench:")))
    assert not redis.hlen(keys.sweep(neighbour))
    (pid,) = readers(redis)
    for _ in range(2):
        pipeline = redis.pipeline(transaction=False)
        duty_thread.ask(pipeline)
        assert duty_thread.see_to(redis, pipeline.execute()[0], neighbour) is False
    wait_until(lambda: redis.hlen(keys.sweep(neighbour)), message="it was told of the other one")
    assert readers(redis) == [pid]
    holder = redis.get(keys.stack_reader(host()))
    assert serving.benches_of(holder) == ["bench:", neighbour]
    assert serving.pid_of(holder) == pid


@pytest.mark.parametrize(
    ("holder", "waits", "starts"),
    [
        (None, True, True),
        ("99999999 gone", False, True),
        ("ended", False, False),
        (None, False, False),
        ("starting", True, False),
        ("99999999 gone", True, True),
        ("1 not a reader", True, True),
        ("nonsense", True, True),
    ],
)
def test_who_starts_it(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, holder: str | None, waits: bool, starts: bool
) -> None:
    monkeypatch.setattr(serving, "start", lambda *_: None)
    if waits:
        redis.zadd(keys.RETRIES, {"j": 4e9})
    if holder:
        redis.set(keys.stack_reader(host()), holder)
    pipeline = redis.pipeline(transaction=False)
    duty_thread.ask(pipeline)
    assert duty_thread.see_to(redis, pipeline.execute()[0]) is starts
    redis.delete(keys.stack_reader(host()))


def test_one_that_is_stopped_ends_its_thread(redis: Redis) -> None:
    keeps = DutyThread(redis)
    keeps.start()
    keeps.end()
    assert keeps._thread is not None
    assert not keeps._thread.is_alive()


def test_it_goes_on_after_redis_was_away(monkeypatch: pytest.MonkeyPatch, redis: Redis) -> None:
    turns: list[int] = []

    def turn(self: DutyThread) -> float:
        turns.append(1)
        if len(turns) == 1:
            raise ConnectionRefusedError
        self._ended.set()
        return 0.0

    monkeypatch.setattr(DutyThread, "turn", turn)
    monkeypatch.setattr(look_limits, "DUTIES_FAILED_S", 0.0)
    DutyThread(redis)._run()
    assert len(turns) == 2
