"""Does what is due when no job ends and no page is open: a thread of the reader process of each host (`reader`).

Nothing in RQ or Frappe acts on a retry that is due, on the place of a killed run, or on a sweep that is due: idle
workers wait for jobs, and the site's scheduler ticks every four minutes. The reader process runs as long as jobs run on
the host, and as long as something waits for its time. A run that leaves something waiting starts the process again
when it has died. Every job that ends, and every look, also moves what is due.
"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from ..concurrency import places
from ..errors import JobConsoleError
from ..look import limits as look_limits
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined
from ..retries import store
from ..schedule import limits as schedule_limits
from ..stacks import limits as stacks_limits
from ..stacks import serving
from ..stacks.arming import host, possible
from ..watch import limits as watch_limits

if TYPE_CHECKING:
    from ..service import Engine

log = logging.getLogger("job_console")

#: Whether something waits for its time, and the key of this host's reader process.
_ASK = "return {redis.call('EXISTS', KEYS[1], KEYS[2]), redis.call('GET', KEYS[3])}"


class DutyThread:
    def __init__(self, redis: Redis, queue_prefix: str | None = None, folder: str | None = None) -> None:
        """`queue_prefix`, `folder`: of the bench whose duties it does. None: not known to the process that started it;
        without a prefix it does no sweeps.
        """
        self.redis = redis
        self.queue_prefix = queue_prefix
        self.folder = folder
        #: Something waits for its time, so the process must not end.
        self.waiting = False
        self._engine: Engine | None = None
        self._sweeps_at = 0.0
        self._scheduler_gone = False
        self._scheduler_held_at = float("-inf")
        self._ended = Event()
        self._thread: Thread | None = None

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
        (seconds, microseconds), first, someone_waits = pipeline.execute()
        now, due = seconds + microseconds / 1e6, first[0][1] if first else None
        self.waiting = due is not None or bool(someone_waits)
        if due is not None and due <= now:
            store.move_due(self.redis, datetime.fromtimestamp(now, timezone.utc), watch_limits.RETRIES_MOVED)
        if someone_waits:
            self._give_places()
        settling = self._see_scheduler()
        self._sweep()
        every_s = look_limits.DUTIES_SETTLES_S if settling else look_limits.DUTIES_EVERY_S
        return every_s if due is None else min(max(due - now, look_limits.DUTIES_NAP_S), every_s)

    def _give_places(self) -> None:
        """Give free places to waiting jobs, on the one host that gets the lease, which ends before the next turn."""
        ends_ms = round(look_limits.DUTIES_EVERY_S * 900)
        if not self.redis.set(keys.own("keeper", "places"), self.queue_prefix or "all", nx=True, px=ends_ms):
            return
        pipeline = pipelined(self.redis)
        for name in places.waited_for(self.redis)[
            : look_limits.DUTIES_PLACES
        ]:  # those not looked at for longest come first
            places.look(pipeline, name)
        pipeline.execute()

    def _sweep(self) -> None:
        """Do the engine's own duties, under their leases. Duties of a site need its database, and are not done here."""
        if self.queue_prefix is None or monotonic() < self._sweeps_at:
            return
        if self._engine is None:
            from ..otherlocks import BenchFolder
            from ..service import Engine  # much to load, and a host of short life never comes here

            self._engine = Engine(self.redis, self.queue_prefix)
            self._engine.folder = BenchFolder(Path(self.folder)) if self.folder else None
        self._engine.sweep()
        self._sweeps_at = monotonic() + look_limits.DUTIES_SWEEPS_S

    def _see_scheduler(self) -> bool:
        """Publish whether the scheduler's process of this bench is alive. Returns True when it has just ended, so that
        this is called again soon; otherwise the duty of the sweep does it, every few seconds.
        """
        if self._engine is None or self._engine.folder is None:
            return False
        from ..watch import scheduler_process

        lives, was_gone = scheduler_process.lives(self._engine.folder.path), self._scheduler_gone
        self._scheduler_gone = lives is False
        if lives:
            self._scheduler_held_at = monotonic()
        just_gone = self._scheduler_gone and monotonic() - self._scheduler_held_at < schedule_limits.SCHEDULER_GONE_S
        if just_gone or (lives and was_gone):
            scheduler_process.publish(self.redis, self._engine.folder, bool(lives))
        return just_gone


def ask(pipeline: Pipeline) -> None:
    """At the end of a run: one command on the pipeline, whose answer goes to `see_to`."""
    if possible():
        pipeline.eval(_ASK, 3, keys.RETRIES, keys.PLACES, keys.stack_reader(host()))


def see_to(redis: Redis, answer: Any, queue_prefix: str | None = None, folder: str | None = None) -> bool:
    """Start the reader process of this host when something waits and there is none. True: it was started."""
    if not answer:
        return False
    waits, holder = answer
    if not waits or holder == serving.STARTING or serving.pid_of(holder) is not None:
        return False
    redis.set(keys.stack_reader(host()), serving.STARTING, ex=int(stacks_limits.READER_ALIVE_S))
    serving.start(redis, queue_prefix, folder)
    return True
