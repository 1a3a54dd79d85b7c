"""What is wrong with whole lanes: nobody serves them, others are served before them, they are too deep."""

from __future__ import annotations

from job_console.engine.redis import keys
from job_console.engine.service import Viewer
from tests.engine import bench
from tests.engine.bench import DEFAULT, LONG, SHORT
from tests.support.processes import kill

from .fault import Subject, Zoo, fault


@fault("all workers of a lane are stopped", "no_workers")
def stopped_lane(zoo: Zoo) -> Subject:
    zoo.crew.start(LONG)
    gone = zoo.crew.start(SHORT)
    kill(gone.pid)
    gone.wait()
    zoo.redis.delete(keys.worker(gone.worker_name))  # type: ignore[attr-defined]
    zoo.waited(zoo.enqueue(), 60)
    return {"queue": SHORT}


@fault("the workers listen to a misspelt lane", "no_workers")
def misspelt_lane(zoo: Zoo) -> Subject:
    zoo.crew.start("bench:shrot")
    zoo.waited(zoo.enqueue(), 60)
    return {"queue": SHORT}


@fault("the bench was suspended and forgotten", "suspended")
def suspended(zoo: Zoo) -> Subject:
    zoo.redis.set(keys.SUSPENDED, 1)  # before it pops: one that waits in its pop still takes what comes
    zoo.crew.start(SHORT)
    zoo.waited(zoo.enqueue(), 600)
    return {}


@fault("a lane starves behind another one", "starved")
def starved(zoo: Zoo) -> Subject:
    busy = zoo.enqueue("hang", LONG)
    zoo.crew.start(LONG, SHORT)
    zoo.until(lambda: bench.status(zoo.redis, busy.id) == "started")
    zoo.waited(zoo.enqueue(), 400)
    return {"queue": SHORT}


@fault("a lane is nearly as deep as it may be", "overloaded")
def deep(zoo: Zoo) -> Subject:
    zoo.engine.watch.enqueue_limit = lambda: 550
    zoo.running()
    bench.fill(zoo.redis, 500, enqueued_at=bench.ago(5))
    return {"queue": SHORT}


@fault("nobody serves a lane whose records have no times", "no_workers")
def no_times(zoo: Zoo) -> Subject:
    zoo.crew.start(LONG)
    job = zoo.enqueue()
    zoo.redis.hset(job.key, mapping={"enqueued_at": "", "created_at": ""})
    return {"queue": SHORT}


@fault("nobody serves a lane, and whoever enqueues lives in the future", "no_workers")
def enqueued_in_the_future(zoo: Zoo) -> Subject:
    zoo.crew.start(LONG)
    zoo.waited(zoo.enqueue(), -3600)
    return {"queue": SHORT}


@fault("nobody serves a lane that RQ's list of queues has lost", "no_workers")
def forgotten_lane(zoo: Zoo) -> Subject:
    zoo.crew.start(LONG)
    zoo.waited(zoo.enqueue(queue=DEFAULT), 60)
    zoo.waited(zoo.enqueue(), 60)
    zoo.redis.srem(keys.QUEUES, keys.queue(SHORT))
    zoo.crew.start(DEFAULT, burst=True).wait(30)
    return {"queue": SHORT}


@fault("somebody has paused a lane", "paused")
def paused_lane(zoo: Zoo) -> Subject:
    worker = zoo.crew.start(SHORT, name="w1", extra=("--obey",))
    zoo.until(lambda: zoo.redis.zscore(keys.OBEDIENT, worker.worker_name) is not None)  # type: ignore[attr-defined]
    zoo.until(lambda: any(client["cmd"] in ("blpop", "blmove") for client in zoo.redis.client_list()))
    zoo.engine.watch.forget()
    console = zoo.engine.console(Viewer("mia@here", may_act=True))
    console.operations.run("pause_queue", SHORT, 600, "a deploy")
    job = zoo.enqueue()
    # The worker waits for it in Redis, gets it, and gives it back: RQ 1.15's maintenance fails what it sees between.
    zoo.until(lambda: zoo.redis.lrange(keys.queue(SHORT), 0, -1) == [job.id.encode()])
    return {"queue": SHORT}
