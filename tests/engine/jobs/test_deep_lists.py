"""What waits in a deep queue is taken out of it, and no command goes through more than the nearer half."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.jobs import state_change
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console

from .. import bench
from ..bench import LONG, SHORT
from .acting import act
from .test_deep_queues import seen

QUEUE = keys.queue(SHORT)
DEPTH = policies_limits.LPOS_DEPTH + 4_000
PLACES = (0, 5_000, DEPTH // 2 - 20, DEPTH // 2 + 20, DEPTH - 5_000, DEPTH - 1)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_change, "sleep", lambda _seconds: None)


@pytest.fixture
def ids(redis: Any, console: Console) -> list[str]:
    found = bench.fill(redis, DEPTH)
    redis.sadd(keys.QUEUES, keys.queue(LONG))
    redis.rpush(keys.queue(LONG), bench.fill(redis, 1, LONG, "a.localhost||long{}".format)[0])
    console.snapshot()
    return found


def done(
    redis: Any, console: Console, action: str, job_ids: list[str], **more: Any
) -> tuple[list[dict[str, Any]], list[str]]:
    """The outcomes, and from which end Redis went through the queue for each; all else that it did with it is short."""
    results: list[dict[str, Any]] = []
    commands = seen(redis, lambda: results.extend(act(console, action, *job_ids, **more)))
    depths = [int(words[-1]) for words in commands if words[0] == "LPOS"]
    assert all(0 < depth <= policies_limits.LPOS_DEPTH for depth in depths), depths  # a third of a millisecond
    parts = [(int(words[2]), int(words[3])) for words in commands if words[0] == "LRANGE"]
    assert all(abs(last - first) <= 2_000 for first, last in parts), parts
    removed = [words for words in commands if words[0] == "LREM"]
    assert len(removed) == sum(each["ok"] for each in results), "none that finds nothing"
    assert all(words[2] in ("1", "-1") for words in removed), "none that goes through all"
    return results, [words[2] for words in removed]


@pytest.mark.parametrize(("action", "more"), [("cancel", {}), ("delete", {}), ("move", {"to": LONG}), ("front", {})])
def test_one_that_waits_is_found_by_its_time(
    action: str, more: dict[str, Any], ids: list[str], redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_change.deep_queues, "absent", None)  # nobody has to go through the queue
    wanted = [ids[place] for place in PLACES]
    results, ends = done(redis, console, action, wanted, **more)
    assert [each["ok"] for each in results] == [True] * len(PLACES)
    assert ends == ["1", "1", "1", "-1", "-1", "-1"], "from the nearer end"
    left = redis.lrange(QUEUE, 0, -1)
    front = [job_id.encode() for job_id in reversed(wanted)] if action == "front" else []
    assert left == front + [job_id.encode() for job_id in ids if job_id not in wanted], "the others as they were"


@pytest.mark.parametrize("action", ["cancel", "delete"])
def test_one_that_does_not_stand_where_its_time_says_is_looked_for(
    action: str, ids: list[str], redis: Any, console: Console
) -> None:
    """Moved here from another queue, or put back by hand."""
    wanted = [ids[place] for place in (9_000, DEPTH - 9_000)]
    for job_id, seconds in zip(wanted, (0, 86_400), strict=True):
        bench.age(redis, job_id, seconds, "enqueued_at")
    results, ends = done(redis, console, action, wanted)
    assert ([each["ok"] for each in results], ends) == ([True, True], ["1", "-1"])
    assert redis.llen(QUEUE) == DEPTH - 2


def test_the_id_of_a_lost_record_is_cleared(ids: list[str], redis: Any, console: Console) -> None:
    lost = ids[DEPTH // 2 + 3_000]
    redis.delete(keys.job(lost))
    (result,), ends = done(redis, console, "clear", [lost], queue=SHORT)
    assert (result["state_after"], ends) == ("gone", ["-1"])
    assert redis.lpos(QUEUE, lost) is None
    assert redis.llen(QUEUE) == DEPTH - 1


def test_of_one_that_is_not_there_nothing_is_changed(ids: list[str], redis: Any, console: Console) -> None:
    """A worker popped it, and has not written yet that it runs it."""
    taken = ids[DEPTH // 2]
    redis.lrem(QUEUE, 1, taken)
    for action in ("cancel", "front", "move"):
        more = {"to": LONG} if action == "move" else {}
        (result,), _ends = done(redis, console, action, [taken], **more)
        assert (result["ok"], result["state_after"]) == (False, "queued")
        assert "a worker took it" in result["reason"]
    assert redis.llen(QUEUE) == DEPTH - 1
    assert bench.status(redis, taken) == "queued"


def test_one_that_moves_while_it_is_looked_for_is_left_alone(
    ids: list[str], redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = ids[10_000]
    bench.age(redis, moved, 0, "enqueued_at")
    absent = state_change.deep_queues.absent

    def late(*arguments: Any) -> dict[str, str | None]:
        found = absent(*arguments)
        redis.lrem(QUEUE, 1, moved)
        redis.linsert(QUEUE, "BEFORE", ids[15_000], moved)
        return found

    monkeypatch.setattr(state_change.deep_queues, "absent", late)
    for action in ("cancel", "delete"):
        (result,) = act(console, action, moved)
        assert (result["ok"], "moved within its deep queue" in result["reason"]) == (False, True)
        redis.lrem(QUEUE, 1, moved)
        redis.linsert(QUEUE, "BEFORE", ids[10_001], moved)
    assert redis.llen(QUEUE) == DEPTH
