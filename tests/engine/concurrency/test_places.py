"""At most so many runs at once, with real workers: never more, none lost, all done in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from redis import Redis
from rq.registry import StartedJobRegistry

from job_console.engine.concurrency import limits as concurrency_limits
from job_console.engine.concurrency import places
from job_console.engine.redis import keys
from job_console.engine.retries import store
from job_console.engine.service import Console, Engine, Viewer
from job_console.engine.watch.concurrency_duty import give_places

from ...support.processes import Workers, kill
from ..bench import DEFAULT, SHORT, status
from ..bench import places as stands_in
from ..conftest import readers
from . import work
from .placing import METHOD, OTHER, SITE, enqueue


def sweep(engine: Engine) -> None:
    engine.watch.forget()
    look = engine.watch.look()
    give_places(engine, look)
    store.move_due(engine.redis, look.bench.at, 100)


def retry_failed(engine: Engine, console: Console) -> None:
    for job in console.jobs.page(status="failed", size=100)["jobs"]:
        console.actions.run("retry", [job["id"]])


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "does not fork"])
def test_no_more_run_than_may_and_all_run(
    redis: Redis, workers: Workers, wait_until: Callable[..., object], fork: bool
) -> None:
    """Nobody looks at the places: who ends brings back the next."""
    made = [enqueue(redis, f"j{number}", runs=2, takes_s=0.2).id for number in range(12)]
    for _ in range(4):
        workers.start(SHORT, fork=fork)

    def done() -> bool:
        # Whose turn came while RQ was putting it away comes back as a retry does: both at once may be such.
        store.move_due(redis, datetime.now(timezone.utc), 10)
        return bool(redis.hlen(work.DONE) == len(made))

    wait_until(done)
    wait_until(lambda: all(status(redis, job_id) == "finished" for job_id in made))
    assert redis.get(work.TOO_MANY) is None
    assert set(redis.hvals(work.RUNS)) == {b"1"}
    assert redis.zcard(keys.place("p")) == 0
    assert not redis.exists(keys.place_line("p"), keys.PLACES), "nothing is left of the line"


def test_a_worker_does_not_wait_with_those_that_wait(
    redis: Redis, workers: Workers, wait_until: Callable[..., object]
) -> None:
    enqueue(redis, "long", takes_s=30)
    workers.start(SHORT, name="one")
    wait_until(lambda: redis.scard(work.NOW) == 1)
    enqueue(redis, "waits")
    enqueue(redis, "else", place="q")
    workers.start(SHORT, name="two")
    wait_until(lambda: redis.hexists(work.DONE, f"{SITE}||else"))
    assert stands_in(redis, f"{SITE}||waits") == [f"scheduled {SHORT}"]


@pytest.mark.parametrize("killed", ["horse", "worker"])
def test_what_is_killed_gives_its_place_back(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Callable[..., object], killed: str
) -> None:
    enqueue(redis, "dies", takes_s=None, killed=killed)
    enqueue(redis, "waits")
    workers.start(SHORT, name="one", monitor=1)
    wait_until(lambda: redis.scard(work.NOW) == 1)
    workers.start(SHORT, name="two")
    wait_until(lambda: stands_in(redis, f"{SITE}||waits") == [f"scheduled {SHORT}"])
    redis.set(work.GO, 1)
    wait_until(lambda: redis.scard(work.NOW) == 0)
    if killed == "worker":
        redis.delete(keys.worker("one"))  # RQ lets it expire a minute and a half after its last beat

    def done() -> bool:
        sweep(engine)
        return bool(redis.hexists(work.DONE, f"{SITE}||waits"))

    wait_until(done)


def test_a_horse_that_outlives_its_worker_keeps_its_place(
    redis: Redis, engine: Engine, workers: Workers, reading: None, wait_until: Callable[..., object]
) -> None:
    lives = enqueue(redis, "lives", takes_s=60, seen=True)
    first = workers.start(SHORT, name="one")
    wait_until(lambda: redis.scard(work.NOW) == 1 and readers(redis))
    workers.kill(first, with_horse=False)
    redis.delete(keys.worker("one"))
    waits = enqueue(redis, "waits")
    workers.start(SHORT, name="two")
    wait_until(lambda: stands_in(redis, waits.id) == [f"scheduled {SHORT}"])
    StartedJobRegistry(SHORT, connection=redis).cleanup(time.time() + 3600)
    assert status(redis, lives.id) == "failed", "RQ has given it up"
    for _ in range(3):
        sweep(engine)
    assert stands_in(redis, waits.id) == [f"scheduled {SHORT}"]
    for pid in workers.horses(first):
        kill(pid)
    redis.srem(work.NOW, lives.id)

    def done() -> bool:
        sweep(engine)
        return bool(redis.hexists(work.DONE, waits.id))

    wait_until(done)
    assert redis.get(work.TOO_MANY) is None


def test_kills_in_between_lose_nobody_and_let_nobody_in(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    killed = {3: "horse", 7: "horse", 11: "horse", 15: "horse"}
    made = [enqueue(redis, f"j{n}", runs=3, killed=killed.get(n)).id for n in range(24)]
    for _ in range(5):
        workers.start(SHORT)

    def done() -> bool:
        sweep(engine)
        retry_failed(engine, console)
        return bool(redis.hlen(work.DONE) == len(made))

    wait_until(done)
    assert redis.get(work.TOO_MANY) is None
    runs = {job_id.decode(): int(count) for job_id, count in redis.hgetall(work.RUNS).items()}
    assert [runs[job_id] for job_id in made] == [2 if n in killed else 1 for n in range(24)]


def test_sites_take_turns(redis: Redis, workers: Workers, wait_until: Callable[..., object]) -> None:
    enqueue(redis, "first", takes_s=30)
    holder = workers.start(SHORT, name="one")
    wait_until(lambda: redis.scard(work.NOW) == 1)
    for number in range(6):
        enqueue(redis, f"bulk{number}", lane=DEFAULT)
    for number in range(2):
        enqueue(redis, f"small{number}", lane=DEFAULT, site=OTHER)
    workers.start(DEFAULT)
    wait_until(lambda: redis.zcard(keys.registry("scheduled", DEFAULT)) == 8)
    workers.kill(holder)
    redis.srem(work.NOW, f"{SITE}||first")
    redis.delete(keys.worker("one"))
    places.look(redis, "p")
    wait_until(lambda: redis.hlen(work.DONE) == 8)
    order = [site.decode() for site in redis.lrange(work.ORDER, 1, -1)]
    assert order.index(OTHER) < 2
    assert [place for place, site in enumerate(order) if site == OTHER][1] < 4, order


def test_it_says_who_has_the_places(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    enqueue(redis, "has", takes_s=30)
    workers.start(SHORT, name="one")
    wait_until(lambda: redis.scard(work.NOW) == 1)
    waits = enqueue(redis, "waits", site=OTHER)
    workers.start(SHORT, name="two")
    wait_until(lambda: stands_in(redis, waits.id) == [f"scheduled {SHORT}"])
    engine.watch.forget()
    reported = console.jobs.explain(waits.id)
    assert reported["because"][0].startswith(f"It waits for a place: 1 of 1 running. {METHOD} has one, for ")
    (lane,) = [lane for lane in console.snapshot()["queues"] if lane["name"] == SHORT]
    (parked,) = lane["parked"]
    assert (parked["id"], parked["progress"]["parked"]["until"]) == (waits.id, "place")
    assert parked["progress"]["parked"]["reason"] == "1 of 1 running"
    theirs = engine.console(Viewer("b@here", OTHER)).jobs.explain(waits.id)
    assert "a job of another site has one" in theirs["because"][0]
    assert METHOD not in theirs["because"][0]
    assert f"{SITE}||has" not in str(theirs)


def test_whose_place_is_forgotten_asks_again(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Callable[..., object]
) -> None:
    enqueue(redis, "has", takes_s=30)
    workers.start(SHORT, name="one")
    wait_until(lambda: redis.scard(work.NOW) == 1)
    waits = enqueue(redis, "waits")
    holder = workers.start(DEFAULT, SHORT, name="two")
    wait_until(lambda: stands_in(redis, waits.id) == [f"scheduled {SHORT}"])
    assert holder.poll() is None
    redis.delete(keys.place("p"), keys.place_line("p"), keys.place_about("p"), keys.place_waits("p", SITE), keys.PLACES)

    def done() -> bool:
        sweep(engine)
        return bool(redis.hexists(work.DONE, waits.id))

    wait_until(done)


def test_what_was_canceled_while_it_waited_takes_nobodys_place(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    enqueue(redis, "has", takes_s=None)
    workers.start(SHORT, name="one")
    wait_until(lambda: redis.scard(work.NOW) == 1)
    canceled, deleted, waits = (enqueue(redis, name) for name in ("canceled", "deleted", "waits"))
    workers.start(SHORT, name="two")
    wait_until(lambda: redis.zcard(keys.registry("scheduled", SHORT)) == 3)
    assert console.actions.run("cancel", [canceled.id])["results"][0]["ok"]
    assert console.actions.run("delete", [deleted.id])["results"][0]["ok"]
    redis.set(work.GO, 1)
    wait_until(lambda: redis.hexists(work.DONE, waits.id))
    assert status(redis, canceled.id) == "canceled"
    wait_until(lambda: redis.zcard(keys.place("p")) == 0)


def test_a_place_that_is_kept_for_nobody_lapses(
    redis: Redis, workers: Workers, wait_until: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was brought back to a lane that nobody serves."""
    enqueue(redis, "has", takes_s=None)
    workers.start(SHORT, name="one")
    wait_until(lambda: redis.scard(work.NOW) == 1)
    enqueue(redis, "stuck", lane=DEFAULT)
    gone = workers.start(DEFAULT, name="gone")
    wait_until(lambda: stands_in(redis, f"{SITE}||stuck") == [f"scheduled {DEFAULT}"])
    workers.kill(gone)
    redis.set(work.GO, 1)
    wait_until(lambda: stands_in(redis, f"{SITE}||stuck") == [f"queued {DEFAULT}"])
    enqueue(redis, "next")
    wait_until(lambda: stands_in(redis, f"{SITE}||next") == [f"scheduled {SHORT}"])
    monkeypatch.setattr(concurrency_limits, "PLACE_KEPT_S", 0.0)
    places.look(redis, "p")
    wait_until(lambda: redis.hexists(work.DONE, f"{SITE}||next"))
