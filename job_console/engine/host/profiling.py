"""Samples one running job for some seconds: where its main thread spends its time.

In a thread of the reader, which goes on with its rounds meanwhile, and one job at a time. A thread that sleeps on is
not asked again: its stack cannot have changed. So a job that works pays for each sample what `sample` costs it, at most
`PROFILE_SAMPLES` times, and one that waits pays once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from threading import Thread
from time import monotonic, sleep

from ..messages import _, pack
from ..models.stacks import Armed, Frame, Profile
from ..redis.link import Redis
from ..stacks import asking, sample
from ..stacks import limits as stacks_limits
from . import sampling

log = logging.getLogger("job_console")


class Profiler:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._thread: Thread | None = None

    def start(self, question: str, armed: Armed | None) -> None:
        """Answers when it has ended; at once when another one is under way."""
        if self._thread is not None and self._thread.is_alive():
            problem = _("Its host is just sampling a job: ask again in some seconds")
            asking.give(self._redis, question, {"problem": pack(problem)})
            return
        self._thread = Thread(target=self._run, args=(question, armed), name="profile", daemon=True)
        self._thread.start()

    def _run(self, question: str, armed: Armed | None) -> None:
        try:
            found = take(armed) if armed else None
            asking.give(self._redis, question, {"profile": found and found.plain()})
        except Exception:  # whoever asks hears nothing, and says so
            log.exception("The reader of stacks could not sample a job.")


def take(armed: Armed, for_s: float | None = None) -> Profile | None:
    """None: its process is gone. Each sample stands for the time since the one before it.

    `for_s`: None is `PROFILE_S`.
    """
    spent: dict[tuple[Frame, ...], float] = defaultdict(float)
    wanted_s = stacks_limits.PROFILE_S if for_s is None else for_s
    began = until = monotonic()
    samples, missed_s = 0, 0.0
    first = last = sample.take(armed, stacks=False)
    if first is None:
        return None
    newest = first
    while samples < stacks_limits.PROFILE_SAMPLES and until - began < wanted_s:
        sleep(max(stacks_limits.PROFILE_EVERY_S - (monotonic() - until), 0.0))
        now = sample.take(armed, stacks=False)
        if now is not None and not (last and sampling.asleep(last, now)):
            last = now = sampling.settled(armed, sample.take(armed))
        if now is None or last is None:
            break
        newest, samples = now, samples + 1
        passed, until = monotonic() - until, monotonic()
        if last.main is None:
            missed_s += passed
        else:
            spent[last.main.frames] += passed
    stacks = tuple((seconds, frames) for frames, seconds in spent.items())
    cpu_s = newest.process.cpu_s - first.process.cpu_s
    return Profile(stacks, samples, until - began, missed_s, max(cpu_s, 0.0))
