"""Ghosts of a deep queue: it is gone through once for all of them, and never in one command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.jobs import deep_queues, state_change
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.look import limits as look_limits
from job_console.engine.look.deep_lanes import DeepLanes
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console

from .. import bench
from ..bench import SHORT
from .acting import act

QUEUE = keys.queue(SHORT)
DEPTH = policies_limits.LPOS_DEPTH + 2_000
GHOSTS = 30


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_change, "sleep", lambda _seconds: None)


def waiting(redis: Any, console: Console) -> list[str]:
    """So many that no command may go through them all; only those that a test acts on have records."""
    ids = [f"a.localhost||{number:06d}" for number in range(DEPTH)]
    redis.sadd(keys.QUEUES, QUEUE)
    redis.rpush(QUEUE, *ids)
    console.snapshot()
    return ids


def ghosts(redis: Any, count: int = GHOSTS) -> list[str]:
    found = bench.fill(redis, count, "bench:elsewhere", "a.localhost||ghost{}".format, origin=SHORT)
    redis.delete(keys.queue("bench:elsewhere"))
    return found


def record(redis: Any, job_id: str, status: str = "queued") -> None:
    bench.fill(redis, 1, "bench:elsewhere", lambda _number: job_id, origin=SHORT, status=status)
    redis.delete(keys.queue("bench:elsewhere"))


def seen(redis: Any, happens: Callable[[], object]) -> list[list[str]]:
    """All commands about that queue, also those within scripts."""
    with redis.monitor() as monitor:
        happens()
        redis.echo("the end")
        said: list[list[str]] = []
        while (command := monitor.next_command()["command"]) != "ECHO the end":
            said.append(command.split(" "))
    return [words for words in said if words[1:2] == [QUEUE]]


@pytest.mark.parametrize(("action", "after"), [("requeue", "queued"), ("fail", "failed"), ("free", "gone")])
def test_it_is_gone_through_once_for_all(action: str, after: str, redis: Any, console: Console) -> None:
    waiting(redis, console)
    lost = ghosts(redis)
    results: list[dict[str, Any]] = []
    commands = seen(redis, lambda: results.extend(act(console, action, *lost)))
    assert [(each["ok"], each["state_after"]) for each in results] == [(True, after)] * GHOSTS
    assert redis.llen(QUEUE) == DEPTH + (GHOSTS if action == "requeue" else 0)

    assert not [words for words in commands if words[0] == "LREM"]
    slices = [words for words in commands if words[0] == "LRANGE" and words[2:] != ["-1000", "-1"]]
    once = DEPTH // (look_limits.LIST_CHUNK - look_limits.LIST_OVERLAP) + 3
    assert len(slices) <= once, "one walk for all"
    assert all(abs(int(words[3]) - int(words[2])) < 1_000 for words in slices)
    depths = [int(words[-1]) for words in commands if words[0] == "LPOS"]
    assert depths
    assert all(0 < depth <= 1_000 for depth in depths), "a step looks at the ends only"


@pytest.mark.parametrize("status", ["queued", "started"])
def test_what_stands_in_it_is_not_put_back(status: str, redis: Any, console: Console) -> None:
    """Also what says that it runs, and nobody has: it is to run again anyway."""
    ids, places = waiting(redis, console), (0, 5_000, DEPTH // 2, DEPTH - 1)
    for place in places:
        record(redis, ids[place], status)
    for action in ("requeue", "fail", "free"):
        results = act(console, action, *(ids[place] for place in places))
        assert [(each["ok"], each["state_after"]) for each in results] == [(False, status)] * len(places)
    assert [redis.lpos(QUEUE, ids[place], count=0) for place in places] == [[place] for place in places]


def test_nor_in_one_that_is_not_deep(redis: Any, console: Console) -> None:
    (job_id,) = bench.fill(redis, 1, status="started")
    for action in ("requeue", "fail"):
        assert not act(console, action, job_id)[0]["ok"]
    assert bench.places(redis, job_id) == [f"queued {SHORT}"]


@pytest.mark.parametrize("action", ["requeue", "fail", "free"])
def test_who_is_enqueued_meanwhile_is_no_ghost(
    action: str, redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anywhere in the queue."""
    middle = waiting(redis, console)[DEPTH // 2]
    (job_id,) = ghosts(redis, 1)
    step = DeepLanes.step

    def late(self: DeepLanes[str]) -> list[str]:
        missing = step(self)
        if missing:
            redis.linsert(QUEUE, "BEFORE", middle, job_id)
            redis.hset(keys.job(job_id), "enqueued_at", bench.ago(0))
        return missing

    monkeypatch.setattr(DeepLanes, "step", late)
    assert not act(console, action, job_id)[0]["ok"]
    assert redis.lpos(QUEUE, job_id, count=0) == [DEPTH // 2]
    assert bench.status(redis, job_id) == "queued"


def test_without_time_for_it_nothing_is_done(redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_limits, "DEEP_QUEUES_S", 0.0)
    waiting(redis, console)
    lost = ghosts(redis, 2)
    results = act(console, "requeue", *lost)
    assert [(each["ok"], each["state_after"]) for each in results] == [(False, "queued")] * 2
    assert all("too short to go through it" in each["reason"] for each in results)
    assert redis.llen(QUEUE) == DEPTH


def test_what_it_found(redis: Any, console: Console) -> None:
    ids = waiting(redis, console)
    record(redis, ids[7_000])
    (ghost,) = ghosts(redis, 1)
    (other,) = bench.fill(redis, 1, bench.LONG, "a.localhost||other{}".format)
    enqueued_at = redis.hget(keys.job(ghost), "enqueued_at").decode()
    assert deep_queues.absent(redis, [ids[7_000], ghost, other, "nobody"]) == {
        ids[7_000]: deep_queues.stands(7_000 - DEPTH),
        ghost: f"{SHORT} {enqueued_at}",
        other: "",
        "nobody": "",
    }
