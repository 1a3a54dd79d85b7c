"""RQ's own maintenance, which each worker does when it starts and every ten minutes: it must hide no fault."""

from __future__ import annotations

import contextlib
import time

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker

from job_console.engine.redis import keys
from tests.engine.bench import DEFAULT, LONG, SHORT


def run(redis: Redis) -> None:
    """Twice, with more than a minute in between: rq 2 first notes what it saw between queue and run.

    Where Redis refuses writes, or a key is of another type, RQ does as much of it as it can.
    """
    for _ in range(2):
        for name in (SHORT, DEFAULT, LONG):
            lane = Queue(name, connection=redis)
            with contextlib.suppress(RedisError):
                redis.delete(lane.registry_cleaning_key)  # whoever did it last
                Worker([lane], connection=redis).clean_registries()
        _a_minute_passes(redis)


def _a_minute_passes(redis: Redis) -> None:
    for lane in (SHORT, DEFAULT, LONG):
        for key in redis.scan_iter(f"{keys.intermediate(lane)}:first_seen:*"):
            redis.set(key, time.time() - 90)
