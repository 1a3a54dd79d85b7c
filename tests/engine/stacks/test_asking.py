"""A question reaches the run that it means, or nobody; and whoever is asked answers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from rq.job import Job

from job_console.engine.host.reader import Reader
from job_console.engine.models.stacks import Armed
from job_console.engine.redis import keys
from job_console.engine.service import Engine
from job_console.engine.stacks import asking, ending, sample
from job_console.engine.stacks import limits as stacks_limits
from job_console.engine.stacks.arming import host
from job_console.engine.stacks.asking import NotSeen
from tests.support.waiting import wait_until


@pytest.fixture
def busy_reader(redis: Any) -> None:
    """One that says that it is there, and takes no question."""
    redis.set(keys.stack_reader(host()), "1 busy", ex=300)


@pytest.fixture
def answering(redis: Any, busy_reader: None, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """A reader in this process, which takes one question when somebody waits for an answer."""
    reader, wait = Reader(redis), asking._wait

    def answer(redis: Any, key: str, wait_s: float) -> Any:
        reader._answer_one(wait_s=1.0)
        return wait(redis, key, wait_s)

    monkeypatch.setattr(asking, "_wait", answer)
    return reader


def armed(redis: Any, job: Job) -> Armed:
    found = Armed.from_text(redis.hget(keys.ARMED, job.id) or b"")
    assert found
    return found


def started_at(engine: Engine, job: Job) -> datetime | None:
    return engine.reader.read([job.id])[0].started_at


def again(redis: Any, job: Job) -> Armed:
    """Its run is killed, and somebody retries it: the same id, another process."""
    before = armed(redis, job)
    os.kill(before.pid, signal.SIGKILL)
    wait_until(lambda: job.get_status(refresh=True) == "failed")
    job.requeue()
    wait_until(lambda: armed(redis, job).run != before.run, message="it runs again")
    return armed(redis, job)


class GivenUp(Exception):
    """Whoever asked is gone before it could take its question back."""


@pytest.fixture
def given_up(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """given_up(asking.kill, redis, …): a question that nobody waits for the answer of."""

    def ask(question: Callable[..., bool], *given: Any, waiting_s: float = stacks_limits.STACK_ANSWER_S) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(asking, "_wait", Mock(side_effect=GivenUp))
            patch.setattr(stacks_limits, "STACK_ANSWER_S", waiting_s)
            with pytest.raises(GivenUp):
                question(*given)

    return ask


def test_a_question_is_taken_back_when_nobody_answers(
    busy_reader: None, run: Callable[..., Job], redis: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacks_limits, "STACK_ANSWER_S", 0.2)
    job = run("sleep")
    with pytest.raises(NotSeen, match="answers: the host is gone, or too busy"):
        asking.interrupt(redis, job.id, started_at(engine, job), "Stopped by sam")
    assert not redis.exists(keys.stack_questions(host()))


@pytest.mark.parametrize("ask", [asking.interrupt, asking.kill])
def test_a_question_that_was_given_up_never_reaches_a_second_run(
    busy_reader: None,
    run: Callable[..., Job],
    redis: Any,
    engine: Engine,
    given_up: Callable[..., None],
    ask: Callable[..., bool],
) -> None:
    text = ("Stopped by sam",) if ask is asking.interrupt else ()
    job = run("sleep")
    first = started_at(engine, job)
    given_up(ask, redis, job.id, first, *text)
    second = again(redis, job)
    reader = Reader(redis)
    reader._answer_one(wait_s=1.0)
    assert not redis.exists(keys.stack_questions(host())), "it was read"
    with pytest.raises(NotSeen, match="That run has ended"):
        ask(redis, job.id, first, *text)
    assert armed(redis, job) == second
    assert ending.interrupt(second, "Stopped by the test"), "it runs, and nobody has interrupted it"
    wait_until(lambda: job.get_status(refresh=True) == "failed")
    assert "Stopped by the test" in job.latest_result().exc_string


def test_a_question_that_comes_late_is_not_acted_on(
    busy_reader: None, run: Callable[..., Job], redis: Any, engine: Engine, given_up: Callable[..., None]
) -> None:
    job = run("sleep")
    given_up(asking.kill, redis, job.id, started_at(engine, job), waiting_s=-1.0)
    Reader(redis)._answer_one(wait_s=1.0)
    assert not redis.exists(keys.stack_questions(host())), "it was read"
    assert not list(redis.scan_iter(keys.stack_answer("*")))
    assert ending.interrupt(armed(redis, job), "Stopped by the test"), "it still runs"


@pytest.mark.parametrize("ask", [asking.interrupt, asking.kill])
def test_a_process_that_dies_between_question_and_answer(
    answering: Reader, run: Callable[..., Job], redis: Any, engine: Engine, workers: Any, ask: Callable[..., bool]
) -> None:
    """It is dead and not yet buried: its parent stands still."""
    text = ("Stopped by sam",) if ask is asking.interrupt else ()
    job = run("sleep")
    (worker,), horse = workers._started, armed(redis, job)
    os.kill(worker.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: ") T " in Path(f"/proc/{worker.pid}/stat").read_text())
        os.kill(horse.pid, signal.SIGKILL)
        wait_until(lambda: ") Z " in Path(f"/proc/{horse.pid}/stat").read_text())
        assert ask(redis, job.id, started_at(engine, job), *text) is (ask is asking.kill)
        assert asking.ask(redis, job.id) is None, "the reader lives, and says that the process is gone"
    finally:
        os.kill(worker.pid, signal.SIGCONT)


def test_what_breaks_in_the_reader_is_reported(
    answering: Reader, run: Callable[..., Job], redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = run("sleep")

    def breaks(*_given: Any, **_named: Any) -> None:
        raise PermissionError("not for you")

    with monkeypatch.context() as patch:
        patch.setattr(sample, "take", breaks)
        with pytest.raises(NotSeen, match="could not do it"):
            asking.ask(redis, job.id)
    assert asking.ask(redis, job.id), "the next one is answered"
