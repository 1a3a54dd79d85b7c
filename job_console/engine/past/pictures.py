"""The pictures of a bench in Redis: written by whichever process sweeps, read by whoever looks back.

Those of an hour are one hash, by the ten seconds of each. When ten minutes are over they are packed together, into a
tenth of what they take one by one. So any moment is read in one round trip, with what was around it.

All of a bench take `limits.BYTES` at most; the oldest hours go first. They are lost with their Redis.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..redis import keys
from ..redis.link import Redis, pipelined
from . import kept, limits, packing
from .kept import HOUR_S, Run

#: A field of an hour's hash that holds ten minutes begins with it.
_BLOCK = "b"
#: A field's name, and what Redis keeps beside it.
_FIELD_BYTES = 48


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of a moment: the newest picture of the time shortly before it, and when there are others."""

    text: bytes | None = None
    #: The places of the last picture before it and of the first one after it.
    before: int | None = None
    after: int | None = None
    runs: tuple[Run, ...] = ()


class Pictures:
    def __init__(self, redis: Redis, queue_prefix: str) -> None:
        self._redis = redis
        self._prefix = queue_prefix
        self._sizes = keys.pictures_sizes(queue_prefix)

    def write(self, at: float, text: bytes) -> None:
        """The picture of these ten seconds; a second one takes its place. One round trip."""
        place, value = _floor(at, limits.EVERY_S), packing.one(text)
        key = keys.pictures(self._prefix, _floor(place, HOUR_S))
        pipeline = pipelined(self._redis)
        pipeline.hset(key, str(place), value)
        pipeline.expire(key, limits.KEPT_S + HOUR_S)
        pipeline.hincrby(self._sizes, str(_floor(place, HOUR_S)), len(value) + _FIELD_BYTES)
        pipeline.expire(self._sizes, limits.KEPT_S + HOUR_S)
        kept.add(pipeline, self._prefix, place)
        pipeline.execute()

    def read(self, at: float, now: float) -> Found:
        """Of a moment of the last week. One round trip."""
        last = _floor(at, limits.EVERY_S)
        wanted = _by_hour(last - back for back in range(0, limits.SHOWN_S + 1, limits.EVERY_S))
        pipeline = pipelined(self._redis)
        for hour, places in wanted.items():
            pipeline.hmget(keys.pictures(self._prefix, hour), [*map(str, places), *_blocks(places)])
        kept.ask(pipeline, self._prefix, now)
        answers: list[Any] = pipeline.execute()
        text = None
        for places, values in zip(wanted.values(), answers, strict=False):
            text = _newest(places, values) or text
        there = kept.places(answers[len(wanted) :], now)
        before, after = [each for each in there if each <= at], [each for each in there if each > at]
        runs = tuple(kept.runs(there))
        return Found(text, before[-1] if before else None, after[0] if after else None, runs)

    def pack(self, now: float) -> int:
        """Pack ten minutes that are over, some at a time. How many were. May be done twice at once."""
        this_hour = _floor(now, HOUR_S)
        packed = 0
        for hour in (this_hour - HOUR_S, this_hour):
            names: Any = self._redis.hkeys(keys.pictures(self._prefix, hour))
            fields = {name.decode("ascii", "replace") for name in names}
            for block, places in _loose(fields, now).items():
                if packed < limits.PACKED_AT_ONCE:
                    self._pack(hour, block, places)
                    packed += 1
        return packed

    def make_room(self, now: float) -> None:
        """Drop what is too old, and of all the rest together what is too much. One round trip while nothing is."""
        sizes: Any = self._redis.hgetall(self._sizes)
        left = {int(hour): int(size) for hour, size in sizes.items()}
        dropped = [hour for hour in sorted(left) if hour + HOUR_S < now - limits.KEPT_S]
        total = sum(size for hour, size in left.items() if hour not in dropped)
        for hour in sorted(left.keys() - set(dropped))[:-1]:  # not the one that is written now
            if total <= limits.BYTES:
                break
            dropped.append(hour)
            total -= left[hour]
        if not dropped:
            return
        pipeline = pipelined(self._redis)
        for hour in dropped:
            pipeline.delete(keys.pictures(self._prefix, hour))
            kept.drop(pipeline, self._prefix, hour)
        pipeline.hdel(self._sizes, *map(str, dropped))
        pipeline.execute()

    def _pack(self, hour: int, block: str, places: list[int]) -> None:
        """In one transaction: whoever reads meanwhile finds either."""
        key, names = keys.pictures(self._prefix, hour), [str(place) for place in places]
        values: Any = self._redis.hmget(key, names)
        texts = {place: packing.of_one(value) for place, value in zip(places, values, strict=True) if value}
        value = packing.several({place: text for place, text in texts.items() if text})
        freed = sum(len(each) + _FIELD_BYTES for each in values if each)
        transaction = self._redis.pipeline(transaction=True)
        transaction.hsetnx(key, block, value)
        transaction.hdel(key, *names)
        transaction.hincrby(self._sizes, str(hour), len(value) + _FIELD_BYTES - freed)
        transaction.execute()


def _floor(at: float, step: int) -> int:
    return int(at) // step * step


def _by_hour(places: Iterable[int]) -> dict[int, list[int]]:
    """The earliest hour first."""
    found: dict[int, list[int]] = {}
    for place in sorted(places):
        found.setdefault(_floor(place, HOUR_S), []).append(place)
    return found


def _block(place: int) -> str:
    return f"{_BLOCK}{_floor(place, limits.BLOCK_S)}"


def _blocks(places: Iterable[int]) -> list[str]:
    return sorted({_block(place) for place in places})


def _newest(places: list[int], values: list[bytes | None]) -> bytes | None:
    """The last picture of these places, be it by itself or packed."""
    alone = {place: value for place, value in zip(places, values, strict=False) if value}
    packed = {}
    for value in values[len(places) :]:
        packed.update(packing.of_several(value) if value else {})
    newest = max((place for place in places if place in alone or place in packed), default=None)
    if newest is None:
        return None
    return packing.of_one(alone[newest]) if newest in alone else packed[newest]


def _loose(fields: set[str], now: float) -> dict[str, list[int]]:
    """Of blocks that are over and not packed yet, their pictures."""
    found: dict[str, list[int]] = {}
    for name in sorted(fields):
        if name.isdigit() and _floor(int(name), limits.BLOCK_S) + limits.BLOCK_S + limits.SETTLES_S <= now:
            found.setdefault(_block(int(name)), []).append(int(name))
    return {block: places for block, places in found.items() if block not in fields}
