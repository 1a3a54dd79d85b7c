"""Measures the progress of one run: takes every step of a loop, and writes at most two reports a second."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic

from redis.exceptions import RedisError

from ..models.progress import Asked, Chunks, Progress, sayable
from ..redis.link import Redis
from . import limits, record

_Report = tuple[float, float | None, str, bool, Chunks | None]
_NOTHING: Mapping[str, Asked] = {}


class Meter:
    """Of one run of one job, in the process that runs it.

    if clock() >= meter.due:
        asked = meter.report(done, total)
    """

    def __init__(self, redis: Redis, job_id: str, clock: Callable[[], float] = monotonic) -> None:
        self.redis = redis
        self.job_id = job_id
        #: A report before this moment of the clock is not sent: tight loops compare instead of calling `report`.
        self.due = float("-inf")
        #: What was reported last.
        self.last = Progress(0)
        self._clock = clock
        #: What was reported since.
        self._kept_back: _Report | None = None
        self._samples: deque[tuple[float, float]] = deque()

    def report(
        self,
        done: float,
        total: float | None = None,
        text: str = "",
        from_frappe: bool = False,
        chunks: Chunks | None = None,
    ) -> Mapping[str, Asked]:
        """Report, if it is time to. Returns what is asked of this run, as far as it was read now.

        Never raises, and never waits for a Redis that does not answer more than once in a while.
        """
        self._kept_back = (done, total, text, from_frappe, chunks)
        now = self._clock()
        if now < self.due:
            return _NOTHING
        self.due = now + limits.PROGRESS_EVERY_S
        self._take()
        self.last = replace(self.last, rate=self._rate(now, self.last.done))
        return self._write(limits.PROGRESS_TTL_S)

    def report_again(self) -> Mapping[str, Asked]:
        """Send the last report again, if it is time to: its answer is what somebody asks of the job."""
        self._take()
        last = self.last
        return self.report(last.done, last.total, last.text, last.from_frappe, last.chunks)

    def report_now(self, **changes: object) -> Mapping[str, Asked]:
        """Report at once, with these fields of `Progress` changed."""
        self._take()
        self.last = replace(self.last, **changes)  # type: ignore[arg-type]
        return self._write(limits.PROGRESS_TTL_S)

    def end(self, well: bool) -> None:
        """The run has ended: send the last report. After a success it is kept only as long as RQ keeps the result."""
        kept_back = self._take()
        if well or kept_back:
            self._write(limits.PROGRESS_DONE_TTL_S if well else limits.PROGRESS_TTL_S)

    def _take(self) -> bool:
        """Make the report that was not sent yet the last one. False: there is none."""
        if self._kept_back is None:
            return False
        done, total, text, from_frappe, chunks = self._kept_back
        progress = sayable(done, total, text)
        self.last = replace(
            self.last,
            done=progress.done,
            total=progress.total,
            text=progress.text,
            from_frappe=from_frappe,
            chunks=chunks,
        )
        self._kept_back = None
        return True

    def _write(self, ttl_s: float) -> Mapping[str, Asked]:
        try:
            asked = record.write(self.redis, self.job_id, self.last, ttl_s)
        except RedisError as error:
            self.due = self._clock() + limits.PROGRESS_BACKOFF_S
            logging.getLogger("job_console").warning("Progress of %s was not reported: %s", self.job_id, error)
            return _NOTHING
        return asked

    def _rate(self, now: float, done: float) -> float | None:
        """Items a second in the last `PROGRESS_RATE_S`: predicts the next minute better than the whole run does."""
        if self._samples and done < self._samples[-1][1]:
            self._samples.clear()  # another loop
        self._samples.append((now, done))
        while now - self._samples[0][0] > limits.PROGRESS_RATE_S:
            self._samples.popleft()
        since, before = self._samples[0]
        return (done - before) / (now - since) if now > since and done > before else None
