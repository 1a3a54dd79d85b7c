"""For which moments there is a picture: a bit for every ten seconds, a string of bits for each day (UTC).

An hour is whole bytes of it, so that one that is dropped is wiped out by one command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..redis import keys
from ..redis.link import Pipeline
from . import limits

DAY_S, HOUR_S = 86_400, 3_600
_BYTES_OF_HOUR = HOUR_S // limits.EVERY_S // 8
#: Two pictures so far apart, in places, have no gap between them.
_NEAR = limits.SHOWN_S // limits.EVERY_S

Run = tuple[int, int]


def add(pipeline: Pipeline, queue_prefix: str, place: int) -> None:
    key = keys.pictures_kept(queue_prefix, place // DAY_S * DAY_S)
    pipeline.setbit(key, place % DAY_S // limits.EVERY_S, 1)
    pipeline.expire(key, limits.KEPT_S + DAY_S)


def drop(pipeline: Pipeline, queue_prefix: str, hour: int) -> None:
    key = keys.pictures_kept(queue_prefix, hour // DAY_S * DAY_S)
    pipeline.setrange(key, hour % DAY_S // HOUR_S * _BYTES_OF_HOUR, b"\0" * _BYTES_OF_HOUR)


def days(now: float) -> list[int]:
    first = int(now - limits.KEPT_S) // DAY_S * DAY_S
    return list(range(first, int(now) + 1, DAY_S))


def ask(pipeline: Pipeline, queue_prefix: str, now: float) -> None:
    """A string of a kilobyte for each day."""
    for day in days(now):
        pipeline.get(keys.pictures_kept(queue_prefix, day))


def places(answers: list[Any], now: float) -> list[int]:
    """Of each picture the moment (seconds) at which its ten seconds begin, in their order."""
    strings = dict(zip(days(now), answers, strict=True))
    oldest = now - limits.KEPT_S
    return [place for place in _set_bits(strings) if place + limits.EVERY_S > oldest]


def _set_bits(strings: Mapping[int, bytes | None]) -> Iterator[int]:
    for day, string in sorted(strings.items()):
        for position, byte in enumerate(string or b""):
            if byte:
                for bit in range(8):
                    if byte & (128 >> bit):
                        yield day + (position * 8 + bit) * limits.EVERY_S


def runs(found: list[int], near: int = _NEAR) -> list[Run]:
    """From when until when there are pictures without a gap. Of too many the shortest gaps are closed."""
    told: list[Run] = []
    for place in found:
        if told and place - told[-1][1] <= near * limits.EVERY_S:
            told[-1] = told[-1][0], place
        else:
            told.append((place, place))
    return runs(found, near * 2) if len(told) > limits.RUNS_TOLD else told
