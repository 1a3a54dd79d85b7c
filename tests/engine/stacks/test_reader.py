"""What the reader of a host remembers: of which run, and as of which moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine.host import sampling
from job_console.engine.host.reader import Reader
from job_console.engine.models.stacks import Armed, Seen
from job_console.engine.redis import keys
from job_console.engine.stacks import ending, post_mortem, sample, serving
from job_console.engine.stacks import limits as stacks_limits
from job_console.engine.stacks.arming import host
from tests.support.waiting import wait_until

from .conftest import path_of
from .test_verdict import STACK
from .test_verdict import sample as at


@pytest.fixture
def looking(redis: Any) -> Reader:
    """A reader in this process; jobs start none."""
    redis.set(keys.stack_reader(host()), "1 busy", ex=300)
    return Reader(redis)


def armed(redis: Any, job: Job) -> Armed:
    found = Armed.from_text(redis.hget(keys.ARMED, job.id) or b"")
    assert found
    return found


def left(redis: Any, job: Job) -> Seen:
    (found,) = post_mortem.read(redis, [(job.id, None)])
    assert found
    return found


def test_two_jobs_one_after_the_other_in_one_process(
    looking: Reader, run: Callable[..., Job], redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that does not fork: the second one has no stack yet, and must not be told the first one's."""
    monkeypatch.setattr(stacks_limits, "READER_STACKS_S", 0.0)
    first = run("sleep", fork=False)
    looking.look()
    looking.look()
    before = armed(redis, first)
    assert left(redis, first).after.main
    assert ending.interrupt(before, "Stopped by the test")
    wait_until(lambda: first.get_status(refresh=True) == "failed")
    second = Queue("default", connection=redis).enqueue(path_of("pipe_read"), job_timeout=600)
    wait_until(lambda: redis.hexists(keys.ARMED, second.id))
    now = armed(redis, second)
    assert (now.pid, now.born) == (before.pid, before.born)
    monkeypatch.setattr(stacks_limits, "READER_STACKS_S", 300.0)
    looking.look()
    seen = left(redis, second)
    assert (seen.before.main, seen.after.main) == (None, None)
    assert seen.since >= now.at
    assert set(looking.known) == {now.run}


def test_a_retry_that_begins_during_a_look_stays_known(
    looking: Reader, run: Callable[..., Job], redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look takes back what it does not find any more: of the run that it looked for."""
    job = run("sleep")
    old = armed(redis, job)
    new = replace(old, at=old.at + 1)

    def gone(*_: Any, **__: Any) -> None:
        redis.hset(keys.ARMED, job.id, new.text())

    monkeypatch.setattr(sample, "take", gone)
    looking.look()
    assert armed(redis, job) == new
    monkeypatch.setattr(sample, "take", lambda *_, **__: None)
    looking.look()
    assert not redis.hexists(keys.ARMED, job.id)


def test_a_job_that_ends_during_a_look_leaves_nothing(
    looking: Reader, run: Callable[..., Job], redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, take = run("sleep"), sample.take
    looking.look()
    assert left(redis, job)

    def ends(*given: Any, **named: Any) -> Any:
        pipeline = redis.pipeline()
        serving.withdraw(pipeline, job.id)
        pipeline.execute()
        return take(*given, **named)

    monkeypatch.setattr(sample, "take", ends)
    looking.look()
    assert post_mortem.read(redis, [(job.id, None)]) == [None]


def test_who_sleeps_on_is_left_to_sleep(
    looking: Reader, run: Callable[..., Job], redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stack is as new as what /proc says, though it was not taken again."""
    monkeypatch.setattr(stacks_limits, "READER_STACKS_S", 0.0)
    job, dumps, take = run("sleep"), [], sample.take

    def counted(armed: Armed, stacks: bool = True) -> Any:
        dumps.extend([armed] * stacks)
        return take(armed, stacks)

    monkeypatch.setattr(sample, "take", counted)

    def quiet() -> bool:
        before = len(dumps)
        looking.look()
        return len(dumps) == before > 0

    wait_until(quiet)
    seen = left(redis, job)
    assert seen.after.main
    assert seen.after.stacks_at is None


def test_what_has_run_since_tells_when_its_stack_was_taken() -> None:
    taken = sampling.with_stacks_of(at(10), at(15, stack=None))
    assert (taken.at, taken.main, taken.stacks_at) == (15, STACK, None), "it has not run"
    moved = sampling.with_stacks_of(taken, at(20, cpu_s=2.0, stack=None))
    assert (moved.at, moved.main, moved.stacks_at) == (20, STACK, 15)
    still = sampling.with_stacks_of(moved, at(25, cpu_s=2.0, stack=None))
    assert (still.at, still.main, still.stacks_at) == (25, STACK, 15), "it sleeps, but perhaps elsewhere"
