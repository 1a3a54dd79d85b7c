"""An index of all failed jobs by their group, kept in Redis beside RQ's registries, which know no causes.

A registry may hold a hundred thousand jobs, and others change it at any time: jobs are retried, deleted, expire. So it
is gone through in slices, by whoever looks and by sweeps, each going on where the last one stopped: once over the
registry, for what is new; once over the index, for what has gone. Up to some thousand failures that is one slice, and
what a look tells is exact; of more it says how many were counted.

Nothing is done unless somebody has looked within a day. Losing the index loses nothing but the time to make it anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from ..look.reader import JobReader
from ..models.bench import Bench, Lane
from ..redis import keys
from ..redis.link import Redis, pipelined, script
from ..rq import endings
from ..rq.records import text
from . import entries, limits

_REGISTRY, _INDEX = "registry", "index"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk through a lane stands, and when its last round ended."""

    phase: str = _REGISTRY
    cursor: int = 0
    ended: float = 0.0

    @property
    def at_start(self) -> bool:
        return self.phase == _REGISTRY and not self.cursor

    def text(self) -> str:
        return json.dumps([self.phase, self.cursor, self.ended])


def refresh(redis: Redis, reader: JobReader, bench: Bench, seconds: float) -> frozenset[str]:
    """Go on with the index for so long. Answers the lanes that were gone through from end to end just now."""
    deadline, places = monotonic() + seconds, _places(redis)
    lanes = [lane for lane in bench.lanes if lane.counts.failed or lane.name in places]
    whole = set()
    for lane in sorted(lanes, key=lambda lane: places.get(lane.name, _Place()).ended):
        walk, place = _Walk(redis, reader, lane, bench.at), places.get(lane.name, _Place())
        reached = walk.go_on(place, deadline)
        if reached.at_start and not walk.began_anew and walk.is_short() and monotonic() < deadline:
            reached = walk.go_on(reached, deadline)
        if reached.at_start and walk.began_anew:
            whole.add(lane.name)
        redis.hset(keys.FAILED_WALK, lane.name, reached.text())
        if monotonic() > deadline:
            break
    redis.expire(keys.FAILED_WALK, limits.WANTED_TTL_S)
    return frozenset(whole)


def is_wanted(redis: Redis, bench: Bench) -> bool:
    """Somebody looks, and not all is known, or known for a while."""
    places = _places(redis)
    if not places:
        return False
    pipeline = pipelined(redis)
    for lane in bench.lanes:
        pipeline.hlen(keys.failed_jobs(lane.name))
    known = pipeline.execute()
    oldest = bench.at.timestamp() - limits.SETTLED_S
    return any(
        lane.counts.failed != min(number, limits.INDEXED) or places.get(lane.name, _Place()).ended < oldest
        for lane, number in zip(bench.lanes, known, strict=True)
        if lane.counts.failed or number
    )


def _places(redis: Redis) -> dict[str, _Place]:
    fields: Any = redis.hgetall(keys.FAILED_WALK)
    return {text(name) or "": _place(value) for name, value in fields.items()}


def _place(value: Any) -> _Place:
    try:
        phase, cursor, ended = json.loads(value)
        return _Place(_INDEX if phase == _INDEX else _REGISTRY, int(cursor), float(ended))
    except (ValueError, TypeError):
        return _Place()


class _Walk:
    """Through one lane."""

    def __init__(self, redis: Redis, reader: JobReader, lane: Lane, at: datetime) -> None:
        self.redis, self.reader, self.lane, self.at = redis, reader, lane, at
        self.registry, self.jobs = keys.registry("failed", lane.name), keys.failed_jobs(lane.name)
        known: Any = redis.hlen(self.jobs)
        self.known: int = known
        #: This walk has gone on from the beginning of the registry.
        self.began_anew = False

    def is_short(self) -> bool:
        return max(self.known, self.lane.counts.failed) <= limits.QUICK

    def go_on(self, place: _Place, deadline: float) -> _Place:
        """To the end of a round, or until then; a chunk that has begun is ended."""
        self.began_anew = place.at_start
        if self.began_anew and not self.known:
            self._forget_groups()  # the index has expired, its groups a little later
        if not self.is_short():
            self._read_newest()
        steps: Mapping[str, Callable[[int], int]] = {_REGISTRY: self._look_for_new, _INDEX: self._look_for_gone}
        while True:
            cursor = steps[place.phase](place.cursor)
            if cursor:
                place = _Place(place.phase, cursor, place.ended)
            elif place.phase == _REGISTRY:
                place = _Place(_INDEX, 0, place.ended)
            else:
                self._keep()
                return _Place(ended=self.at.timestamp())
            if monotonic() > deadline:
                return place

    def _look_for_new(self, cursor: int) -> int:
        """ZSCAN hands out all that stands there throughout, whatever comes and goes meanwhile."""
        answer: Any = self.redis.zscan(self.registry, cursor, count=limits.SCANNED)
        following, members = answer
        self._note([(text(member) or "", score) for member, score in members])
        return int(following)

    def _read_newest(self) -> None:
        pipeline = pipelined(self.redis)
        windows = endings.windows("failed", self.at, limits.NEWEST, self.reader.kept.of("failed"))
        for command, window in windows:
            getattr(pipeline, command)(self.registry, *window)
        self._note(list(endings.entries(pipeline.execute()).items()))

    def _note(self, members: Sequence[tuple[str, float]]) -> None:
        """Those that are unknown, or have failed once more."""
        if not members:
            return
        known: Any = self.redis.hmget(self.jobs, [job_id for job_id, _score in members])
        new = [
            (job_id, score, value)
            for (job_id, score), value in zip(members, known, strict=True)
            if not _is_current(entries.entry(value), score) and (value is not None or self.known < limits.INDEXED)
        ]
        pipeline = pipelined(self.redis)
        found = self.reader.read([job_id for job_id, _score, _value in new])
        for job, (job_id, score, value) in zip(found, new, strict=True):
            dated = endings.dated(job, score)
            entry, kind = entries.of_job(dated, score)
            failed_at = (dated.ended_at or self.at).timestamp()
            self._write(pipeline, job_id, value, entry, failed_at, kind)
            self.known += value is None
        pipeline.execute()

    def _look_for_gone(self, cursor: int) -> int:
        answer: Any = self.redis.hscan(self.jobs, cursor, count=limits.SCANNED)
        following, fields = answer
        pipeline = pipelined(self.redis)
        for job_id in fields:
            pipeline.zscore(self.registry, job_id)
        scores = pipeline.execute()
        for (job_id, value), score in zip(fields.items(), scores, strict=True):
            if score is None:
                self._write(pipeline, text(job_id) or "", value, None)
        pipeline.execute()
        return int(following)

    def _write(
        self,
        pipeline: Any,
        job_id: str,
        known: bytes | None,
        entry: entries.Entry | None,
        failed_at: float = 0.0,
        kind: entries.Kind | None = None,
    ) -> None:
        before = entries.entry(known)
        old, new = before.group if before else "", entry.group if entry else ""
        groups = keys.failed_groups(self.lane.name)
        members, left = (keys.failed_of(self.lane.name, group or "none") for group in (new or old, old or new))
        pipeline.eval(
            script("note_failed"), 4, self.jobs, groups, members, left,
            job_id, known or "", entries.entry_text(entry) if entry else "", failed_at,
            new, entries.kind_text(kind) if kind else "", old, limits.INDEX_TTL_S,
        )  # fmt: skip

    def _keep(self) -> None:
        """What is still true lives on: all of it together."""
        left: Any = self.redis.ttl(self.jobs)
        if 0 <= left < limits.INDEX_TTL_S / 2:
            pipeline = pipelined(self.redis)
            for key in (self.jobs, *self._keys_of_groups()):
                pipeline.expire(key, limits.INDEX_TTL_S)
            pipeline.execute()

    def _forget_groups(self) -> None:
        self.redis.delete(*self._keys_of_groups())

    def _keys_of_groups(self) -> Iterator[str]:
        yield keys.failed_groups(self.lane.name)
        names: Any = self.redis.hkeys(keys.failed_groups(self.lane.name))
        for name in names:
            yield keys.failed_of(self.lane.name, text(name) or "")


def _is_current(entry: entries.Entry | None, score: float) -> bool:
    """One that did not count is looked at again: it may have been on its way."""
    return entry is not None and bool(entry.group) and entry.score == score
