"""Runs that do not end, end too often, or happen twice."""

from __future__ import annotations

import os
import signal
import time
import uuid
from datetime import datetime, timezone

from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.redis import keys
from tests.engine import bench
from tests.engine.bench import SHORT

from .fault import Subject, Zoo, fault


@fault("a job does not hear its alarm (a call into C)", "past_timeout")
def deaf_to_its_alarm(zoo: Zoo) -> Subject:
    return _past_its_timeout(zoo, "hang_deaf")


@fault("a job swallows its timeout and goes on", "past_timeout")
def swallows_its_timeout(zoo: Zoo) -> Subject:
    return _past_its_timeout(zoo, "hang_on")


@fault("a job's process is frozen, its worker beats on", "past_timeout")
def frozen_horse(zoo: Zoo) -> Subject:
    job, worker = zoo.running()
    for pid in zoo.crew.horses(worker):
        os.kill(pid, signal.SIGSTOP)
    bench.age(zoo.redis, job.id, 340, "started_at")
    return {"job_id": job.id, "worker": "w1"}


def _past_its_timeout(zoo: Zoo, method: str) -> Subject:
    job, _worker = zoo.running(method)
    bench.age(zoo.redis, job.id, 340, "started_at")
    return {"job_id": job.id, "worker": "w1"}


@fault("a job comes near its timeout", "timeout_near")
def near_its_timeout(zoo: Zoo) -> Subject:
    job, _worker = zoo.running(timeout=1500)
    bench.age(zoo.redis, job.id, 1300, "started_at")
    return {"job_id": job.id, "worker": "w1"}


@fault("a job hangs, far longer than it usually runs", "overrunning")
def hangs(zoo: Zoo) -> Subject:
    for _ in range(20):
        now = datetime.now(timezone.utc)
        statistics.record(zoo.redis, EndedRun("tests.jobs.hang", SHORT, "finished", now, run_s=20, wait_s=0.1))
    job, _worker = zoo.running(timeout=1500)
    bench.age(zoo.redis, job.id, 600, "started_at")
    return {"job_id": job.id, "worker": "w1"}


@fault("a job's process is killed (out of memory)", "killed")
def killed(zoo: Zoo) -> Subject:
    job = zoo.enqueue("die")
    zoo.crew.start(SHORT)
    zoo.until(lambda: bench.status(zoo.redis, job.id) == "failed")
    return {"job_id": job.id, "queue": SHORT}


@fault("a method is killed each time", "killed")
def killed_each_time(zoo: Zoo) -> Subject:
    jobs = [zoo.enqueue("die") for _ in range(6)]
    zoo.crew.start(SHORT)
    zoo.until(lambda: all(bench.status(zoo.redis, job.id) == "failed" for job in jobs))
    return {"queue": SHORT}


@fault("a method fails each time", "crash_loop")
def crash_loop(zoo: Zoo) -> Subject:
    jobs = [zoo.enqueue("fail", kwargs={"message": str(n)}) for n in range(6)]
    zoo.crew.start(SHORT)
    zoo.until(lambda: all(bench.status(zoo.redis, job.id) == "failed" for job in jobs))
    return {"queue": SHORT}


@fault("a method fails each time, several times a second", "crash_loop")
def fast_crash_loop(zoo: Zoo) -> Subject:
    """It goes on failing while we look."""
    for number in range(600):
        zoo.enqueue("fail", kwargs={"message": str(number)})
        zoo.enqueue("slow", kwargs={"seconds": 0.05})
    zoo.crew.start(SHORT, fork=False)
    zoo.until(lambda: zoo.redis.zcard(keys.registry("failed", SHORT)) > 10)
    return {"queue": SHORT}


@fault("half of what runs fails, of a method that also succeeds", "failure_burst")
def burst(zoo: Zoo) -> Subject:
    jobs = [zoo.enqueue("slow", kwargs={"seconds": seconds}) for seconds in ["x", 0.01] * 10]
    zoo.crew.start(SHORT)
    zoo.until(lambda: all(bench.status(zoo.redis, job.id) in ("failed", "finished") for job in jobs))
    return {}


@fault("a job runs twice at once", "duplicated", since=(2, 0))
def runs_twice(zoo: Zoo) -> Subject:
    job, _worker = zoo.running()
    zoo.redis.zadd(keys.registry("started", SHORT), {f"{job.id}:{uuid.uuid4().hex}": time.time() + 60})
    return {"job_id": job.id, "queue": SHORT}
