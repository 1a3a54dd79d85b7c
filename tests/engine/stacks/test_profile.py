"""A profile of a running job: what it does is seen in its shares, and who sleeps is not asked again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from rq.job import Job

from job_console.engine.host import profiling
from job_console.engine.host.profiling import Profiler
from job_console.engine.models.stacks import Armed, Profile
from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import asking, process
from job_console.engine.stacks import limits as stacks_limits
from tests.support.waiting import wait_until


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks_limits, "PROFILE_S", 1.0)


def armed(redis: Any, job: Job) -> Armed:
    found = Armed.from_text(redis.hget(keys.ARMED, job.id) or b"")
    assert found
    return found


def seconds_in(found: Profile) -> Counter[str]:
    total: Counter[str] = Counter()
    for seconds, frames in found.stacks:
        for name in {frame.function for frame in frames}:
            total[name] += seconds
    return total


def test_a_job_that_works_is_seen_in_its_functions(redis: Any, run: Callable[..., Job]) -> None:
    found = profiling.take(armed(redis, run("works")), for_s=1.5)
    assert found is not None
    spent = seconds_in(found)
    assert spent["works"] > found.for_s / 2
    assert min(spent["first_step"], spent["second_step"], found.cpu_s) > 0
    assert min(found.samples, len(found.stacks)) > 1
    assert Profile.from_plain(found.plain()) == found


def test_one_that_sleeps_is_interrupted_once_however_often_it_is_looked_at(redis: Any, run: Callable[..., Job]) -> None:
    job = run("sleep")
    asked = armed(redis, job)
    with patch.object(process, "send", side_effect=process.send) as signals:
        found = profiling.take(asked, for_s=1.5)
    assert found is not None
    assert found.samples > 5
    assert len(found.stacks) <= 2  # it may have been on its way there
    assert signals.call_count <= 4  # the safe point and the dump, of each


def test_the_page_is_answered_by_its_host_and_one_at_a_time(
    redis: Any, run: Callable[..., Job], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacks_limits, "STACK_ANSWER_S", 20.0)
    job = run("works")
    answer = console.jobs.profile(job.id)
    assert answer["problem"] == ""
    assert answer["samples"] > 1
    assert {"file", "line", "function"} == answer["stacks"][0]["frames"][-1].keys()
    shares = [stack["seconds"] for stack in answer["stacks"]]
    assert shares == sorted(shares, reverse=True)
    profiler, busy = Profiler(redis), armed(redis, job)
    profiler.start("first", busy)
    profiler.start("second", busy)
    assert b"ask again" in redis.lpop(keys.stack_answer("second"))
    found: Any = wait_until(lambda: redis.lpop(keys.stack_answer("first")))
    assert b'"file"' in found


def test_what_does_not_run_has_none_and_says_so(redis: Any, queue: Any, console: Console) -> None:
    job = queue.enqueue("tests.jobs.say_hello", "x")
    answer = console.jobs.profile(job.id)
    assert (answer["samples"], answer["stacks"]) == (0, [])
    assert "nothing runs" in answer["problem"]
    with pytest.raises(asking.NotSeen):
        asking.profile(redis, job.id)
