"""Nothing that a sample or a stop does can corrupt a job."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.models.stacks import Armed, Stack
from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import ending, native, sample
from tests.support.sizes import sized
from tests.support.waiting import wait_until

from .conftest import path_of

SAMPLES = sized(150, 1_000)
#: Read anywhere it died within a hundred.
CALLED_BACK = sized(300, 5_000)
#: With a dump of all threads it died within 300 of them.
AT_WORK = sized(60, 600)


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    path = tmp_path / "accounts.db"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("create table account (name text, amount int)")
        database.execute("create table ledger (number int)")
        database.execute("insert into account values ('a', 0), ('b', 0)")
    return path


def balance(path: Path) -> tuple[int, int, int]:
    """What a has, what b has, and how often something was moved."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        amounts = dict(database.execute("select name, amount from account").fetchall())
        (moved,) = database.execute("select count(*) from ledger").fetchone()
    return amounts["a"], amounts["b"], moved


def armed(redis: Any, job_id: str) -> Armed | None:
    return Armed.from_text(redis.hget(keys.ARMED, job_id) or b"")


def whole(stack: Stack) -> bool:
    """Down to where the worker's process began."""
    return bool(stack.frames) and stack.frames[-1].function == "_run_module_as_main"


def again(redis: Any, accounts: Path, rounds: int) -> Job:
    """One more job, when the worker has taken it."""
    job = Queue("default", connection=redis).enqueue(path_of("transfers"), str(accounts), rounds, job_timeout=600)
    wait_until(lambda: redis.hexists(keys.ARMED, job.id))
    return job


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "no-fork"])
def test_hundreds_of_samples_disturb_nothing(run: Callable[..., Any], redis: Any, accounts: Path, fork: bool) -> None:
    """In as many jobs as it takes: a busy machine samples slowly."""
    job, jobs, with_stack = run("transfers", str(accounts), 3_000, fork=fork), 1, 0
    while with_stack < SAMPLES:
        if job.get_status(refresh=True) == "finished":
            job, jobs = again(redis, accounts, 3_000), jobs + 1
        process = armed(redis, job.id)
        found = process and sample.take(process)
        with_stack += bool(found and found.main)
        assert not found or all(whole(stack) for stack in found.stacks), found.stacks
        assert job.get_status(refresh=True) in ("started", "finished"), job.latest_result()
    wait_until(lambda: job.get_status(refresh=True) != "started", 600)  # each transfer is written to a disk
    assert job.get_status(refresh=True) == "finished", job.latest_result()
    assert balance(accounts) == (-3_000 * jobs, 3_000 * jobs, 3_000 * jobs)


def test_a_process_is_not_read_where_its_frames_are_not_whole(run: Callable[..., Any], redis: Any) -> None:
    """Read at any instruction by a signal, this one dies after some hundred samples from Python 3.11 on."""
    process = armed(redis, run("called_back").id)
    assert process
    with_stack = 0
    while with_stack < CALLED_BACK:
        found = sample.take(process)
        assert found, f"it died of sample {with_stack}"
        with_stack += bool(found.main)


def test_py_spy_disturbs_nothing(run: Callable[..., Any], redis: Any, accounts: Path) -> None:
    """As often as it can be asked, which is more often than the reader does."""
    if native.program() is None:
        pytest.skip("py-spy is not installed here")
    job, found = run("transfers", str(accounts), 1_000), 0
    while job.get_status(refresh=True) == "started":
        process = armed(redis, job.id)
        found += bool(process and native.frames(process))
    assert job.get_status(refresh=True) == "finished", job.latest_result()
    assert balance(accounts) == (-1_000, 1_000, 1_000)
    if not found:
        pytest.skip("this machine does not let py-spy look")


@pytest.mark.parametrize("name", ["joins_a_busy_thread", "waits_for_a_pool"])
def test_threads_at_work_are_not_followed(run: Callable[..., Any], redis: Any, name: str) -> None:
    """A dump of all threads follows memory that the others free: the process would die of it, sooner or later."""
    process = armed(redis, run(name).id)
    assert process
    first = sample.take(process)
    for number in range(AT_WORK):
        found = sample.take(process, since=first)
        assert found, f"it died of sample {number}"
        assert len(found.stacks) <= 1


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "no-fork"])
def test_a_file_of_its_own_is_not_written_to(
    run: Callable[..., Any], redis: Any, console: Console, tmp_path: Path, fork: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next job of the same process can be looked at again."""
    path = tmp_path / "file.written"
    process = armed(redis, run("takes_our_numbers", str(tmp_path / "file"), fork=fork).id)
    assert process
    wait_until(path.exists)
    found = sample.take(process)
    assert found
    assert found.problem == "it has closed the file that its stack is written to"
    assert not ending.interrupt(process, "Stopped by the test")
    assert path.read_bytes() == b"precious"
    path.unlink()
    job = Queue("default", connection=redis).enqueue(path_of("sleep"), job_timeout=600)
    wait_until(lambda: console.jobs.where(job.id)["stacks"])
    monkeypatch.setattr(jobs_limits, "RUNG_WAIT_S", 30.0)
    (result,) = console.actions.run("stop_gently", [job.id])["results"]
    assert "was interrupted" in result["reason"], result


@pytest.mark.parametrize("weakly", [False, True])
def test_where_an_exception_would_be_ignored_it_is_not_interrupted(
    run: Callable[..., Any], redis: Any, weakly: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "INTERRUPT_S", 20.0)
    job = run("in_destructors", weakly)
    process = armed(redis, job.id)
    assert process
    assert ending.interrupt(process, "Stopped by the test")
    wait_until(lambda: job.get_status(refresh=True) == "failed")
    assert "Stopped by the test" in job.latest_result().exc_string


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "no-fork"])
def test_stopped_anywhere_what_is_committed_is_whole(
    run: Callable[..., Any], redis: Any, accounts: Path, workers: Any, fork: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "INTERRUPT_S", 20.0)
    chance = random.Random(7)
    job = run("transfers", str(accounts), 100_000, fork=fork)
    ignored = 0
    for _ in range(25):
        process = armed(redis, job.id)
        assert process
        sleep(chance.uniform(0, 0.05))  # anywhere in its work
        assert ending.interrupt(process, "Stopped by the test")
        try:
            wait_until(lambda job=job: job.get_status(refresh=True) == "failed")
            assert "Stopped by the test" in job.latest_result().exc_string
        except AssertionError:
            assert job.get_status(refresh=True) == "started", job.latest_result()
            ignored += 1
            os.kill(process.pid, signal.SIGKILL)
            workers.start("default", fork=fork)
        a, b, moved = balance(accounts)
        assert (a, b) == (-moved, moved)
        job = again(redis, accounts, 100_000)
    assert ignored <= 2, "C code may clear an exception that came while it ran (sqlite3 was seen to): seldom"
    assert ignored or workers._started[0].poll() is None
