"""Locks that stand in the way of work."""

from __future__ import annotations

from redis import Redis

from job_console.engine.locks.lock import Lock, LockOptions
from job_console.engine.redis import keys
from tests.engine import bench
from tests.engine.bench import LONG, SHORT

from .fault import Subject, Zoo, fault

NAME, OTHER = "a.localhost|month-end", "a.localhost|stock"


def _later(redis: Redis, name: str, seconds: float, expires: bool = False) -> None:
    """Whoever holds this lock or waits for it began so much earlier; `expires`: and has not renewed since."""
    back, lock = round(seconds * 1000), keys.lock(name)

    def earlier(row: bytes, *places: int) -> bytes:
        parts = row.split(b"|")
        for place in places:
            parts[place] = b"%d" % (int(parts[place]) - back)
        return b"|".join(parts)

    head, *holders = redis.hget(lock, "now").split(b"\n")
    # ID|END|TOKEN|SINCE|…, and of a waiter ALIVE UNTIL|SINCE|…: see lua/lock_read.lua.
    moved = [earlier(row, 3, *([1] if expires else [])) for row in holders]
    waiting = {field: earlier(row, 1) for field, row in redis.hgetall(lock).items() if field.startswith(b"waits:")}
    redis.hset(lock, mapping={b"now": b"\n".join([head, *moved]), **waiting})


def _held(zoo: Zoo, name: str = NAME) -> bool:
    return b"\n" in (zoo.redis.hget(keys.lock(name), "now") or b"")


def _holder(zoo: Zoo) -> str:
    job, _process = zoo.running("hold", kwargs={"name": NAME})
    zoo.until(lambda: _held(zoo))
    return job.id


def _waiter(zoo: Zoo) -> None:
    zoo.running("hold", LONG, "w2", kwargs={"name": NAME})
    zoo.until(lambda: zoo.redis.zcard(keys.lock_line(NAME)))


@fault("a lock's holder was killed, and others wait for it", "lock_orphaned", also=("worker_lost", "killed"))
def orphaned(zoo: Zoo) -> Subject:
    job, worker = zoo.running("hold", kwargs={"name": NAME})
    zoo.until(lambda: _held(zoo))
    _waiter(zoo)
    zoo.crew.kill(worker)
    zoo.time_passes_for_the_dead(job, "w1")
    _later(zoo.redis, NAME, 40, expires=True)
    return {"job_id": job.id, "worker": "w1"}


@fault("a lock is held far longer than ever before", "lock_overheld")
def overheld(zoo: Zoo) -> Subject:
    for _ in range(12):
        with Lock(zoo.redis, NAME, LockOptions(wait_s=0)):
            pass
    job_id = _holder(zoo)
    _later(zoo.redis, NAME, 700)
    return {"job_id": job_id, "worker": "w1"}


@fault("a job has waited for a lock for minutes", "lock_contended")
def contended(zoo: Zoo) -> Subject:
    job_id = _holder(zoo)
    _waiter(zoo)
    _later(zoo.redis, NAME, 200)
    return {"job_id": job_id}


@fault("two jobs wait for each other's lock", "lock_contended")
def deadlock(zoo: Zoo) -> Subject:
    for queue, worker, first, then in ((SHORT, "w1", NAME, OTHER), (LONG, "w2", OTHER, NAME)):
        job = zoo.enqueue("hold", queue, kwargs={"name": first, "then": then})
        zoo.crew.start(queue, name=worker)
        zoo.until(lambda job=job: bench.status(zoo.redis, job.id) == "started")
    zoo.until(lambda: all(zoo.redis.zcard(keys.lock_line(name)) for name in (NAME, OTHER)))
    return {}
