"""Does what is due when no job ends and no page is open: a thread of the reader process of each host (`reader`).

Nothing in RQ or Frappe acts on a retry that is due, on the place of a killed run, or on a sweep that is due: idle
workers wait for jobs, and the site's scheduler ticks every four minutes. The reader process runs as long as jobs run on
the host, and as long as something waits for its time. A run that leaves something waiting starts the process again
when it has died. Every job that ends, and every look, also moves what is due.
"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from threading import Event, Thread
from typing import Any

from redis.exceptions import RedisError

from ..concurrency import places
from ..errors import JobConsoleError
from ..look import limits as look_limits
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined
from ..retries import store
from ..stacks import asking, serving
from ..stacks import limits as stacks_limits
from ..stacks.arming import host, possible
from ..watch import limits as watch_limits
from .kept_bench import KeptBench

log = logging.getLogger("job_console")

#: Whether something waits for its time, and which process of this host sees to it.
_ASK = "return {redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[4]), redis.call('GET', KEYS[3])}"


class DutyThread:
    def __init__(self, redis: Redis, queue_prefix: str | None = None, folder: str | None = None) -> None:
        """`queue_prefix`, `folder`: of the bench that it sweeps for. None: whoever started it did not know; without
        the first it sweeps none, until it is told of one (`add`)."""
        self.redis = redis
        self.benches: dict[str, KeptBench] = {}
        if queue_prefix is not None:
            self.add(queue_prefix, folder)
        #: Something waits for its time: the process must not go.
        self.waiting = False
        self._ended = Event()
        self._thread: Thread | None = None

    def add(self, queue_prefix: str, folder: str | None) -> None:
        """A bench of this host's user whose Redis this is. By its reader's thread; ours takes it with its next turn."""
        known = self.benches.get(queue_prefix)
        if known is None or (known.folder is None and folder is not None):
            self.benches = {**self.benches, queue_prefix: KeptBench(self.redis, queue_prefix, folder)}

    def start(self) -> None:
        self._thread = Thread(target=self._run, name="job-console-keeper", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the thread. Waits for a sweep to complete, as its lease would keep others from it for a minute."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(look_limits.DUTIES_ENDS_S)

    def _run(self) -> None:
        pause_s = 0.0
        while not self._ended.wait(pause_s):
            pause_s = self._try()

    def _try(self) -> float:
        try:
            return self.turn()
        except (RedisError, JobConsoleError):
            return look_limits.DUTIES_EVERY_S
        except Exception:  # the edge of a thread: no caller above could report it
            log.exception("What is due could not be moved.")
            return look_limits.DUTIES_FAILED_S

    def turn(self) -> float:
        """Do what is due now. Returns in how many seconds to call again. One round trip while nothing is due."""
        pipeline = pipelined(self.redis)
        pipeline.time()
        pipeline.zrange(keys.RETRIES, 0, 0, withscores=True)
        pipeline.exists(keys.PLACES)
        pipeline.exists(keys.CANARIES_ON)
        (seconds, microseconds), first, someone_waits, canaries = pipeline.execute()
        now, due = seconds + microseconds / 1e6, first[0][1] if first else None
        self.waiting = due is not None or bool(someone_waits) or bool(canaries)
        if due is not None and due <= now:
            store.move_due(self.redis, datetime.fromtimestamp(now, timezone.utc), watch_limits.RETRIES_MOVED)
        if someone_waits:
            self._give_places()
        every_s = look_limits.DUTIES_SETTLES_S if self._look_after_benches() else look_limits.DUTIES_EVERY_S
        return every_s if due is None else min(max(due - now, look_limits.DUTIES_NAP_S), every_s)

    def _look_after_benches(self) -> bool:
        """True while the scheduler of one has just gone. A sweep takes its time on a busy host, and that a scheduler is
        gone is told within seconds: so sweeps wait until that is settled."""
        benches = list(self.benches.values())
        just_gone = [bench.see_scheduler() for bench in benches]
        if not any(bench.settles for bench in benches):
            for bench in benches:
                bench.sweep()
        return any(just_gone)

    def _give_places(self) -> None:
        """Give free places to waiting jobs, on the one host that gets the lease, which ends before the next turn."""
        ends_ms = round(look_limits.DUTIES_EVERY_S * 900)
        if not self.redis.set(keys.own("keeper", "places"), host(), nx=True, px=ends_ms):
            return
        pipeline = pipelined(self.redis)
        for name in places.waited_for(self.redis)[
            : look_limits.DUTIES_PLACES
        ]:  # those not looked at for longest come first
            places.look(pipeline, name)
        pipeline.execute()


def ask(pipeline: Pipeline) -> None:
    """At the end of a run: one command on the pipeline, whose answer goes to `see_to`."""
    if possible():
        pipeline.eval(_ASK, 4, keys.RETRIES, keys.PLACES, keys.stack_reader(host()), keys.CANARIES_ON)


def see_to(redis: Redis, answer: Any, queue_prefix: str | None = None, folder: str | None = None) -> bool:
    """Start the host's process when something waits, or it has died, and it is not there; and one that is there is
    told of this bench, if it does not know it. True: it was started."""
    if not answer:
        return False
    waits, holder = answer
    if holder == serving.STARTING:
        return False
    if serving.pid_of(holder) is not None:
        if queue_prefix is not None and queue_prefix not in serving.benches_of(holder):
            asking.tell_of_bench(redis, queue_prefix, folder)
        return False
    if not waits and holder in (None, serving.ENDED):
        return False
    redis.set(keys.stack_reader(host()), serving.STARTING, ex=int(stacks_limits.READER_ALIVE_S))
    serving.start(redis, queue_prefix, folder)
    return True
