from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import limits as stacks_limits
from tests.support.waiting import wait_until

from . import gallery, gallery_disturbed

LINES = Path(gallery.__file__).read_text("utf-8").splitlines()


def path_of(name: str) -> str:
    """That RQ enqueues a job of the galleries by."""
    module = gallery if hasattr(gallery, name) else gallery_disturbed
    return f"{module.__name__}.{name}"


@pytest.fixture
def run(redis: Any, workers: Any, reading: None) -> Callable[..., Job]:
    """run("sleep", 7, fork=False): a job of the galleries on a worker of its own, when it has armed itself."""

    def one(name: str, *arguments: Any, fork: bool = True) -> Job:
        job = Queue("default", connection=redis).enqueue(path_of(name), *arguments, job_timeout=600)
        workers.start("default", fork=fork)
        wait_until(lambda: redis.hexists(keys.ARMED, job.id), message=f"{name} is armed")
        return job

    return one


@pytest.fixture
def eager_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks_limits, "STACK_ANSWER_S", 20.0)


def code(answer: dict[str, Any]) -> str:
    """The source at the place that was named; "" when none in the gallery was."""
    place = answer["place"]
    return LINES[place["line"] - 1].strip() if place and place["file"].endswith("gallery.py") else ""


@pytest.fixture(params=[True, False], ids=["forks", "no-fork"])
def where(request: pytest.FixtureRequest, run: Callable[..., Any], console: Console) -> Callable[..., dict[str, Any]]:
    """where("sleep", verdict="waiting"): asked until it says so, with so many stacks, since a job may only just have
    begun.
    """

    def ask(
        name: str, *arguments: Any, verdict: str = "waiting", line: str = "", text: str = "", stacks: int = 0
    ) -> dict[str, Any]:
        job = run(name, *arguments, fork=request.param)
        answers: list[dict[str, Any]] = []

        def said() -> bool:
            answers.append(console.jobs.where(job.id))
            is_there = (not line or code(answers[-1]) == line) and text in answers[-1]["text"]
            return answers[-1]["verdict"] == verdict and is_there and len(answers[-1]["stacks"]) >= stacks

        try:
            wait_until(said, message=f"{name} is {verdict}")
        except AssertionError as late:
            raise AssertionError(answers[-1]) from late
        return answers[-1]

    return ask
