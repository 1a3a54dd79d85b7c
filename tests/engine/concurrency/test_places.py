"""At most so many runs at once, with real workers: never more, none lost, all done in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.registry import StartedJobRegistry

from job_console.engine.concurrency import limits as concurrency_limits
from job_console.engine.concurrency import places
from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Limit, Policy
from job_console.engine.redis import keys
from job_console.engine.retries import store
from job_console.engine.service import Console, Engine, Viewer
from job_console.engine.watch.concurrency_duty import give_places
from tests.jobs import wrapped

from ...support.processes import Workers, kill
from ..bench import DEFAULT, SHORT, status
from ..bench import places as stands_in
from ..conftest import readers
from . import work

SITE, OTHER = "a.localhost", "b.localhost"
METHOD = f"{work.__name__}.placed"


def enqueue(
    redis: Redis, job_id: str, place: str = "p", runs: int = 1, site: str = SITE, lane: str = SHORT, **said: Any
) -> Job:
    call = wrapped(METHOD, site=site, user="sam@example.com", place=place, runs=runs, **{"takes_s": 0.1, **said})
    return Queue(lane, connection=redis).enqueue_call(
        work.PLACED, kwargs=call, timeout=60, result_ttl=600, failure_ttl=604_800, job_id=f"{site}||{job_id}"
    )


def sweep(engine: Engine) -> None:
    engine.watch.forget()
    look = engine.watch.look()
    give_places(engine, look)
    store.move_due(engine.redis, look.bench.at, 100)


def retry_failed(engine: Engine, console: Console) -> None:
    for job in console.jobs(status="failed", size=100)["jobs"]:
        console.act("retry", [job["id"]])


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


def starts(redis: Redis, job: Job, site: str) -> bool:
    """As its worker does it. False: it is parked."""
    redis.lrem(keys.queue(SHORT), 0, job.id)
    redis.hset(keys.job(job.id), mapping={"status": "started", "worker_name": job.id})
    redis.hset(keys.worker(job.id), "current_job", job.id)
    if places.take(redis, places.Bound("p", 1, "its policy Few"), site, job.id, job.created_at):
        return True
    redis.delete(keys.worker(job.id))
    redis.hset(keys.job(job.id), "status", "scheduled")
    redis.zadd(keys.registry("scheduled", SHORT), {job.id: time.time() + 600})
    return False


def ends(redis: Redis, job_id: str) -> str:
    """The next one, which has the place now."""
    redis.hset(keys.job(job_id), "status", "finished")
    redis.delete(keys.worker(job_id))
    places.leave(redis, "p", job_id)
    (brought,) = redis.lrange(keys.queue(SHORT), 0, -1)
    return str(brought.decode())


def test_a_site_that_comes_back_goes_behind_those_who_wait(redis: Redis) -> None:
    """One has many jobs in line, the other enqueues its next one whenever one begins."""
    now = enqueue(redis, "a0")
    assert starts(redis, now, SITE)
    for number in range(3):
        assert not starts(redis, enqueue(redis, f"b{number}", site=OTHER), OTHER)
    order = []
    for number in range(1, 6):
        if now.id.startswith(SITE):
            assert not starts(redis, enqueue(redis, f"a{number}"), SITE)
        now = Job.fetch(ends(redis, now.id), connection=redis)
        order.append(now.id.partition("|")[0])
        assert starts(redis, now, order[-1])
    assert order == [OTHER, SITE, OTHER, SITE, OTHER]


@pytest.mark.parametrize("said", ["started", "scheduled"])
def test_whose_turn_comes_while_it_is_put_away_comes_back_when_that_is_done(redis: Redis, said: str) -> None:
    """RQ writes the status first, and everything else in a second step."""
    has, waits = enqueue(redis, "has"), enqueue(redis, "waits")
    assert starts(redis, has, SITE)
    assert not starts(redis, waits, SITE)
    redis.zrem(keys.registry("scheduled", SHORT), waits.id)
    redis.hset(keys.job(waits.id), "status", said)
    redis.hset(keys.worker(waits.id), "current_job", waits.id)
    redis.hset(keys.job(has.id), "status", "finished")
    places.leave(redis, "p", has.id)
    store.move_due(redis, datetime.now(timezone.utc), 10)
    assert not redis.exists(keys.queue(SHORT))
    redis.hset(keys.job(waits.id), "status", "scheduled")
    redis.zadd(keys.registry("scheduled", SHORT), {waits.id: time.time() + 600})
    redis.zadd(keys.RETRIES, {waits.id: 0}, xx=True)  # it is looked at again two seconds later
    store.move_due(redis, datetime.now(timezone.utc), 10)
    assert redis.lrange(keys.queue(SHORT), 0, -1) == [waits.id.encode()]


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
    reported = console.explain(waits.id)
    assert reported["because"][0].startswith(f"It waits for a place: 1 of 1 running. {METHOD} has one, for ")
    (lane,) = [lane for lane in console.snapshot()["queues"] if lane["name"] == SHORT]
    (parked,) = lane["parked"]
    assert (parked["id"], parked["progress"]["parked"]["until"]) == (waits.id, "place")
    assert parked["progress"]["parked"]["reason"] == "1 of 1 running"
    theirs = engine.console(Viewer("b@here", OTHER)).explain(waits.id)
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
    assert console.act("cancel", [canceled.id])["results"][0]["ok"]
    assert console.act("delete", [deleted.id])["results"][0]["ok"]
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


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        (Limit(3), "a.localhost:method:shop.sync"),
        (Limit(3, "bench"), "*:method:shop.sync"),
        (Limit(3, "key", "{customer}"), "a.localhost:key:C-1"),
    ],
)
def test_what_counts_together(limit: Limit, name: str) -> None:
    policy = Policy("Few", "method", "shop.sync", limit=limit)
    call = Call("shop.sync", "shop.sync", "method", SITE, arguments={"customer": "C-1"})
    bound = places.of_policy(policy, call, SITE)
    assert bound is not None
    assert (bound.name, bound.runs) == (name, limit.runs)


def test_what_counts_together_in_a_lane() -> None:
    ours, theirs = places.of_lane("long", 2, SITE), places.of_lane("long", 2, OTHER)
    assert ours.name != theirs.name
    assert ours.name != places.of_lane("short", 2, SITE).name
    assert ours.reached == "2 of 2 of this site's jobs in long running"
