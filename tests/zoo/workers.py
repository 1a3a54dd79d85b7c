"""Workers that are killed, frozen, deaf, or live by another clock."""

from __future__ import annotations

import os
import signal

import pytest

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.redis import keys
from tests.engine import bench
from tests.engine.bench import LONG, SHORT

from .fault import RQ, Subject, Zoo, fault


@fault("a worker and its job are killed (-9)", "worker_lost", then="killed")
def killed_with_its_job(zoo: Zoo) -> Subject:
    job, worker = zoo.running()
    zoo.crew.kill(worker)
    zoo.time_passes_for_the_dead(job, "w1")
    return {"job_id": job.id, "worker": "w1"}


@fault("a worker is killed, its job runs on without it", "worker_lost", then="killed")
def killed_alone(zoo: Zoo) -> Subject:
    job, worker = zoo.running()
    zoo.crew.kill(worker, with_horse=False)
    zoo.time_passes_for_the_dead(job, "w1")
    return {"job_id": job.id, "worker": "w1"}


@fault("a worker's host freezes in the midst of a job", "worker_lost", then="killed")
def frozen(zoo: Zoo) -> Subject:
    job, worker = zoo.running()
    for pid in (worker.pid, *zoo.crew.horses(worker)):
        os.kill(pid, signal.SIGSTOP)
    zoo.time_passes_for_the_dead(job, "w1")
    return {"job_id": job.id, "worker": "w1"}


@fault("a worker with an odd name is killed", "worker_lost", then="killed")
def odd_name(zoo: Zoo) -> Subject:
    name = "büro 3: <b>'x'</b> %s {0} 🐢"
    job, worker = zoo.running(worker=name)
    zoo.crew.kill(worker)
    zoo.time_passes_for_the_dead(job, name)
    return {"job_id": job.id, "worker": name}


@fault("a lost worker's name is taken by a new one", "worker_lost", then="killed")
def name_taken(zoo: Zoo) -> Subject:
    job, worker = zoo.running()
    zoo.crew.kill(worker)
    zoo.time_passes_for_the_dead(job, "w1")
    zoo.crew.start(LONG, name="w1")
    return {"job_id": job.id, "worker": "w1"}


@fault("a worker of several queues is killed in the gap after BLPOP", "ghost_queued")
def killed_after_blpop(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    worker = zoo.crew.start(SHORT, LONG, name="w1", extra=("--die", "popped"))
    worker.wait(15)
    zoo.waited(job, 30)
    return {"job_id": job.id, "queue": SHORT}


@fault("a worker of one queue is killed in the gap after LMOVE", "in_limbo", since=(1, 16), then="killed")
def killed_after_lmove(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    worker = zoo.crew.start(SHORT, name="w1", extra=("--die", "popped"))
    worker.wait(15)
    return {"job_id": job.id, "queue": SHORT}


@fault("a worker is killed between its note and its fork", "worker_lost", since=(2, 0), then="killed")
def killed_before_it_forks(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    worker = zoo.crew.start(SHORT, LONG, name="w1", extra=("--die", "prepared"))
    worker.wait(15)
    zoo.time_passes_for_the_dead(job, "w1")
    return {"job_id": job.id, "queue": SHORT}


@fault("… and its key has not expired yet", "worker_lost", since=(2, 0))
def killed_before_it_forks_just_now(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    worker = zoo.crew.start(SHORT, LONG, name="w1", extra=("--die", "prepared"))
    worker.wait(15)
    zoo.redis.hset(keys.worker("w1"), "last_heartbeat", bench.ago(20))
    return {"job_id": job.id, "queue": SHORT}


@fault("an idle worker does not hear any more", "worker_stale")
def deaf(zoo: Zoo) -> Subject:
    worker = zoo.crew.start(SHORT, name="w1")
    zoo.until(lambda: any(client["cmd"] in ("blpop", "blmove") for client in zoo.redis.client_list()))
    os.kill(worker.pid, signal.SIGSTOP)
    # Blocked in its pop it would still be handed the job; one whose connection broke is not.
    for client in zoo.redis.client_list():
        if client["cmd"] in ("blpop", "blmove"):
            zoo.redis.client_kill_filter(_id=client["id"])
    zoo.waited(zoo.enqueue(), 120)
    zoo.redis.hset(keys.worker("w1"), mapping={"birth": bench.ago(400), "last_heartbeat": bench.ago(110)})
    return {"worker": "w1"}


@fault("Redis refuses to let a worker hear commands", "worker_deaf")
def refused_its_channel(zoo: Zoo) -> Subject:
    """RQ 2 would subscribe again if the connection alone were lost; refused, it gives up, as RQ 1 does at once."""
    zoo.cleanup.enter_context(pytest.MonkeyPatch.context()).setattr(diagnosis_limits, "SUBSCRIBE_S", 0.0)
    zoo.crew.start(SHORT, name="w1")
    zoo.until(lambda: zoo.redis.hget(keys.worker("w1"), "state") == b"idle")
    zoo.until(lambda: zoo.redis.pubsub_numsub(keys.commands("w1"))[0][1] == 1)
    zoo.redis.acl_log_reset()
    zoo.redis.acl_setuser("default", enabled=True, reset_channels=True)
    zoo.cleanup.callback(zoo.redis.execute_command, "ACL", "SETUSER", "default", "allchannels")
    zoo.redis.client_kill_filter(_type="pubsub")
    zoo.until(lambda: RQ < (2, 0) or zoo.redis.acl_log())
    zoo.redis.hset(keys.worker("w1"), "birth", bench.ago(60))
    return {"worker": "w1"}


@fault("an idle worker's host dies", "worker_stale")
def idle_and_gone(zoo: Zoo) -> Subject:
    worker = zoo.crew.start(SHORT, name="w1")
    zoo.until(lambda: zoo.redis.hget(keys.worker("w1"), "state") == b"idle")
    zoo.crew.kill(worker)
    zoo.redis.hset(keys.worker("w1"), "last_heartbeat", bench.ago(470))
    zoo.redis.expire(keys.worker("w1"), 10)
    return {"worker": "w1"}


@fault("an idle worker is killed, and nobody comes in its place", "workers_shrank")
def killed_idle(zoo: Zoo) -> Subject:
    zoo.cleanup.enter_context(pytest.MonkeyPatch.context()).setattr(diagnosis_limits, "SHRANK_S", -1.0)
    zoo.crew.start(SHORT, name="w1")
    goes = zoo.crew.start(SHORT, name="w2")
    zoo.until(lambda: zoo.redis.hget(keys.worker("w2"), "state") == b"idle")
    zoo.engine.watch.remember(zoo.look(0.0))
    zoo.crew.kill(goes)
    zoo.redis.delete(keys.worker("w2"))  # some minutes later
    zoo.engine.watch.remember(zoo.look(0.0))
    return {"worker": "w2", "queue": SHORT}


@fault("a worker says busy, with nothing", "worker_stale")
def busy_with_nothing(zoo: Zoo) -> Subject:
    worker = zoo.crew.start(SHORT, name="w1")
    zoo.crew.kill(worker)
    zoo.redis.hset(keys.worker("w1"), mapping={"state": "busy", "last_heartbeat": bench.ago(30)})
    return {"worker": "w1"}


@fault("a worker's clock is ten minutes behind", "worker_stale")
def clock_behind(zoo: Zoo) -> Subject:
    return _by_another_clock(zoo, -600)


@fault("a worker's clock is ten minutes ahead", "worker_stale")
def clock_ahead(zoo: Zoo) -> Subject:
    return _by_another_clock(zoo, 600)


def _by_another_clock(zoo: Zoo, seconds: float) -> Subject:
    job = zoo.enqueue("hang", timeout=1500)
    zoo.crew.start(SHORT, name="w1", extra=("--clock", str(seconds)))
    zoo.until(lambda: bench.status(zoo.redis, job.id) == "started")
    return {"worker": "w1"}


@fault("an idle worker's clock is an hour ahead", "worker_stale")
def idle_clock_ahead(zoo: Zoo) -> Subject:
    zoo.crew.start(SHORT, name="w1", extra=("--clock", "3600"))
    return {"worker": "w1"}
