"""Which workers of this host are there: recognised and measured while they live, and published when they
have ended.

The reader of the host does it, once a job has started one. Where no job does, as on a bench whose workers run without
our hooks, the watcher and the operator console do it for their host (`look_after`): a worker that is killed, or goes
with its host's shutdown and says no word, is told within seconds then, and not when its record expires.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from time import monotonic

from ..errors import JobConsoleError
from ..redis import keys
from ..redis.link import Redis, pipelined, raise_first, reaching_redis, wrong_type
from ..stacks import arming, liveness, measured
from ..stacks import limits as stacks_limits
from .known_workers import KnownWorkers

log = logging.getLogger("job_console")


class Presence:
    """What one process knows of the workers of its host."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        #: Those that have ended, and since when that is known.
        self._ended: dict[str, float] = {}
        self._known_workers = KnownWorkers()
        self._next_measured = 0.0

    def see(self, jobs: Iterable[str] = ()) -> None:
        """Recognise them among those that Redis lists, or that run these jobs, and publish which ones have ended."""
        pipeline = pipelined(self.redis)
        pipeline.smembers(keys.WORKERS)
        for job_id in jobs:
            pipeline.hget(keys.job(job_id), "worker_name")
        listed, *run_by = pipeline.execute(raise_on_error=False)
        raise_first((listed, *run_by), unless=wrong_type)
        listed, run_by = listed if isinstance(listed, set) else set(), [each for each in run_by if not wrong_type(each)]
        # Redis may have lost its list under a worker that goes on, or has ended since.
        named = {member.decode(errors="replace").removeprefix(keys.WORKER_PREFIX) for member in listed}
        named |= {name.decode(errors="replace") for name in run_by if name}
        names = self._known_workers.with_those_of_before(named)
        notes = self._known_workers.notes
        self._ended = liveness.publish(self.redis, names, self._ended, introduces=True, notes=notes)
        if monotonic() >= self._next_measured:
            measured.publish(self.redis, {name: note for name, note in notes.items() if name not in self._ended})
            self._next_measured = monotonic() + stacks_limits.MEASURED_EVERY_S


def look_after(redis: Redis, stopped: threading.Event) -> threading.Thread:
    """In a thread of its own, for as long as this host has no reader."""
    presence = Presence(redis)

    def run() -> None:
        while arming.possible() and not stopped.wait(stacks_limits.PRESENCE_LOOK_S):
            _see(presence)

    thread = threading.Thread(target=run, name="job-console-presence", daemon=True)
    thread.start()
    return thread


def _see(presence: Presence) -> None:
    try:
        with reaching_redis():
            if not presence.redis.exists(keys.stack_reader(arming.host())):
                presence.see()
    except JobConsoleError as error:
        log.debug("Nobody looks after the workers: %s", error)
    except Exception:  # the edge of a thread: one bad look must not be the last
        log.exception("A look at the workers of this host failed")
