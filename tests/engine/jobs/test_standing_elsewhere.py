"""What waits in another queue than its record says: a queue was renamed, or an id put there by hand.

Workers run it from there, so there it is taken out."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.jobs import state_change
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console

from .. import bench
from ..bench import DEFAULT, LONG, SHORT
from .acting import act

THERE = keys.queue(LONG)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_change, "sleep", lambda _seconds: None)


@pytest.fixture(params=[50, policies_limits.LPOS_DEPTH + 3_000], ids=["", "deep"])
def strange(request: pytest.FixtureRequest, redis: Any, console: Console) -> str:
    """An id in the midst of another lane."""
    ids = bench.fill(redis, request.param, LONG, "a.localhost||long{:06d}".format)
    (job_id,) = bench.fill(redis, 1)
    redis.delete(keys.queue(SHORT))
    redis.linsert(THERE, "BEFORE", ids[-20 if request.param < 100 else -1_500], job_id)
    redis.sadd(keys.QUEUES, keys.queue(DEFAULT))
    redis.rpush(keys.queue(DEFAULT), bench.fill(redis, 1, DEFAULT, "a.localhost||other{}".format)[0])
    console.snapshot()
    return job_id


@pytest.mark.parametrize(
    ("action", "more", "after", "stands"),
    [
        ("cancel", {}, "canceled", []),
        ("delete", {}, "gone", []),
        ("front", {}, "queued", [f"queued {LONG}"]),
        ("move", {"to": DEFAULT}, "queued", [f"queued {DEFAULT}"]),
        ("move", {"to": LONG}, "queued", [f"queued {LONG}"]),
    ],
)
def test_it_is_done_there(
    action: str, more: dict[str, Any], after: str, stands: list[str], strange: str, redis: Any, console: Console
) -> None:
    before = redis.llen(THERE)
    (result,) = act(console, action, strange, **more)
    if action == "move" and more["to"] == LONG:
        assert (result["ok"], redis.llen(THERE)) == (False, before), "there it is"
        return
    assert (result["ok"], result["state_after"]) == (True, after), result
    assert [place for place in bench.places(redis, strange) if place.startswith("queued")] == stands
    assert redis.llen(THERE) == before - (action != "front")
    if action == "front":
        assert redis.lindex(THERE, 0) == strange.encode()


def test_what_a_worker_has_just_taken_is_not_looked_for_in_vain(strange: str, redis: Any, console: Console) -> None:
    redis.lrem(THERE, 1, strange)
    before = redis.llen(THERE)
    (result,) = act(console, "cancel", strange)
    assert (result["ok"], "a worker took it" in result["reason"], redis.llen(THERE)) == (False, True, before)
