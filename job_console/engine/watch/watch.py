"""One look serves many: the snapshot, the survey's place and the proofs of this process, shared by all its viewers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from math import inf
from threading import Lock, Thread
from time import monotonic, perf_counter, sleep

from ..diagnosis import causes, detectors, losses
from ..diagnosis import limits as diagnosis_limits
from ..diagnosis.proof import Proof
from ..errors import RedisUnavailable
from ..look import coverage, data_loss, memory, snapshot
from ..look import limits as look_limits
from ..look.cache import LookCache
from ..look.expected import forecast
from ..look.lost_names import Names
from ..look.reader import JobReader
from ..look.survey import Survey
from ..messages import _
from ..models import recent_workers
from ..models.bench import Bench, Ghost
from ..models.sweeps import Claim, Effort, Lost, Memory, Surveyed
from ..models.warnings import Warning
from ..policies.store import PolicyCache
from ..redis import keys
from ..redis.link import Redis, answers, pipelined, reaching_redis
from ..schedule.store import ScheduleStore
from . import limits

#: The survey goes on this often while somebody looks, so that a look stays cheap.
SURVEY_EVERY_S = 2.0
#: For somebody who comes once and waits: all of a usual bench, a part of one with a million jobs.
ONE_SHOT = Effort(limits.ONE_SHOT_S, turns=limits.ONE_SHOT_RECORDS // look_limits.SURVEY_COUNT)
_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Look:
    bench: Bench
    warnings: tuple[Warning, ...]


class Watch:
    """Thread-safe. Whoever comes while a look is taken waits for it and gets the same one."""

    def __init__(
        self, redis: Redis, reader: JobReader, queue_prefix: str = "", clock: Callable[[], float] = monotonic
    ) -> None:
        self.redis = redis
        self.reader = reader
        self.queue_prefix = queue_prefix
        #: The host's answer to `Bench.enqueue_limit`, asked with every look.
        self.enqueue_limit: Callable[[], int | None] = lambda: None
        self._clock = clock
        self._lock = Lock()
        #: Held while the survey goes on: it is not thread-safe.
        self._slicing = Lock()
        self._survey = Survey(redis, reader, queue_prefix)
        self.policies = PolicyCache(redis, clock)
        self.schedules = ScheduleStore(redis)
        self._cache = LookCache(redis, reader, self.policies, self.schedules, clock, queue_prefix)
        self._proof = Proof()
        self._names = Names(queue_prefix)
        #: Of the last slice: the survey's place, and what it found.
        self._place: tuple[int, tuple[Claim, ...]] = (0, ())
        self._surveyed = Surveyed()
        self._ghosts: tuple[Ghost, ...] = ()
        self._ghosts_at = _NEVER
        #: Of the last look, and what was missed since.
        self._picture: data_loss.Picture | None = None
        self._lost: Lost | None = None
        self._look: Look | None = None
        self._failure: RedisUnavailable | None = None
        self._at = _NEVER
        #: Looks that were taken, and how many seconds they took in all.
        self.cost = (0, 0.0)

    def look(self, survey_seconds: float = 0.0, since: datetime | None = None) -> Look:
        """The bench, at most `limits.SNAPSHOT_TTL_S` old. Raises RedisUnavailable, to all who wait alike.

        `survey_seconds`: go on with the survey for so long first, as somebody may who is here for nothing else.
        `since`: not older than this, as viewers were notified (`change_notifier`).
        """
        with self._lock:
            if self._clock() - self._at >= limits.SNAPSHOT_TTL_S or self._older_than(since):
                self._take(Effort(survey_seconds) if survey_seconds else None)
            if self._failure is not None or self._look is None:
                raise self._failure or RedisUnavailable(_("There has been no look at Redis yet."))
            return self._look

    def look_twice(self, seconds: float) -> Look:
        """For one-shot callers: survey everything within `seconds`, and prove what needs proof by a second look."""
        return self.look_proven(Effort(seconds, whole=True))

    def look_proven(self, effort: Effort | None = None) -> Look:
        """What needs proof is looked at again some seconds later. `effort` None: survey as much as one may wait for.

        The second look asks again for all that the first one suspects, and does not go through everything again.
        """
        with self._lock:
            self._take(effort or ONE_SHOT)
            if self._failure is None and self._proof.open_questions:
                sleep(diagnosis_limits.PROOF_S + 0.1)
                self._take(Effort(0.0))
        return self.look()

    def remember(self, look: Look) -> None:
        """Leave to other processes' looks what this one knows: see `memory`."""
        cursor, suspects = self._place
        before = look.bench.memory
        cursor, surveyed = coverage.left_behind(cursor, self._surveyed, before, look.bench.at)
        known = Memory(
            first_seen=self._proof.first_seen,
            cursor=cursor,
            suspects=suspects,
            surveyed=surveyed,
            recent_workers=recent_workers.remembered(look.bench),
            lost=data_loss.fresh(before.lost, look.bench.at),
            sweeps=before.sweeps + 1,
        )
        memory.write(self.redis, self.queue_prefix, known, look.bench.at)

    def forget(self) -> None:
        """After an action: the next look must see what it did, also in other processes (`shared_snapshots`)."""
        with self._lock:
            self._at = self._ghosts_at = _NEVER
        answers(pipelined(self.redis).delete(keys.snapshots(self.queue_prefix)), 1)

    def _older_than(self, since: datetime | None) -> bool:
        return since is not None and self._look is not None and self._look.bench.at < since

    def _take(self, effort: Effort | None) -> None:
        began = perf_counter()
        try:
            with reaching_redis():
                self._look = self._judge(self._snapshot(), effort)
                self._failure = None
        except RedisUnavailable as failure:
            # Remembered like a look, so that a hundred viewers do not each wait for the same dead server.
            self._failure = failure
        self._at = self._clock()
        looks, seconds = self.cost
        self.cost = (looks + 1, seconds + perf_counter() - began)

    def _judge(self, bench: Bench, effort: Effort | None) -> Look:
        if self._ghosts_at == _NEVER or effort is not None:
            if self._slice(bench, effort or Effort(limits.SURVEY_SECONDS)):
                bench = self._snapshot()
        elif self._clock() - self._ghosts_at >= SURVEY_EVERY_S or self._cache.outgrown(bench):
            self._ghosts_at = self._clock()
            Thread(target=self._slice_aside, args=(bench,), name="job-console-survey", daemon=True).start()
        bench = self._compared(bench)
        bench = self._cache.add_to(replace(bench, ghosts=self._ghosts, enqueue_limit=self.enqueue_limit()))
        bench = self._survey.waited.add_to(self._survey.unmet.add_to(bench))
        bench = replace(bench, surveyed=coverage.known(self._surveyed, bench))
        warnings = self._proof.confirmed(detectors.findings(bench), bench.at, bench.memory.first_seen)
        bench = replace(bench, lost=losses.of(warnings))
        warnings = causes.without_consequences(warnings)
        return Look(forecast.with_drains(bench, warnings), tuple(warnings))

    def _compared(self, bench: Bench) -> Bench:
        """With what Redis has lost since the last look of this process, which it cannot know itself."""
        found = data_loss.lost(self._picture, bench)
        self._picture = data_loss.picture(bench)
        self._lost = data_loss.fresh(found or self._lost or bench.memory.lost, bench.at)
        return replace(bench, memory=replace(bench.memory, lost=self._lost))

    def _snapshot(self) -> Bench:
        return snapshot.take(self.redis, self.reader, self.queue_prefix, self._names)

    def _slice(self, bench: Bench, effort: Effort) -> bool:
        """Go on with what takes longer than a look: the next looks have what it finds. True: they see more queues."""
        with self._slicing:
            self._survey.go_on(bench.memory)
            self._ghosts = self._survey.step(bench, _from_start_if_small(bench, effort))
            self._place, self._surveyed = self._survey.place, self._survey.surveyed
            self._cache.read(bench)
            self._ghosts_at = self._clock()
            return self._names.add(self._survey.strange_queues)

    def _slice_aside(self, bench: Bench) -> None:
        """In a thread of its own, so that no look waits for it. The looks report a Redis that does not answer."""
        if self._slicing.locked():
            return
        try:
            with suppress(RedisUnavailable), reaching_redis():
                self._slice(bench, Effort(limits.SURVEY_SECONDS))
        except Exception:  # the edge of a thread: no caller above could report it
            logging.getLogger("job_console").warning("A slice of the survey failed.", exc_info=True)


def _from_start_if_small(bench: Bench, effort: Effort) -> Effort:
    """Of a usual bench all, from its beginning on, wherever sweeps are: its turns are enough, however slow they are."""
    records = sum(sum(astuple(lane.counts)) for lane in bench.lanes)
    if effort is not ONE_SHOT or records > limits.ONE_SHOT_RECORDS // 2:
        return effort
    return replace(effort, whole=True, seconds=inf)
