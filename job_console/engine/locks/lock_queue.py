"""Waits for a lock: takes a place in its queue, sleeps until it is woken, gives up after a time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep

from redis.exceptions import RedisError

from ..errors import LockTimeout
from ..messages import Instant, _, joined
from ..models.locks import Holder
from ..redis.link import Redis, unreachable
from . import models, steps

_AGAIN_S = 0.25


@dataclass(frozen=True, slots=True)
class _Refused:
    """A refusal, with what the caller may know about the holders."""

    holders: tuple[Holder, ...]


def take(redis: Redis, wanted: steps.Wanted, wait_s: float, site: str | None = None) -> tuple[steps.Token, float]:
    """(the fencing token, the local time before the request). Raises LockTimeout after `wait_s` seconds; it names
    holders of `site` only.
    """
    asked_at = monotonic()
    try:
        answer = _reported(steps.acquire(redis, wanted, wait_s), site)
    except RedisError as error:
        raise unreachable(error) from error
    if isinstance(answer, int):
        return answer, asked_at
    return _Line(redis, wanted, wait_s, asked_at + wait_s, site).stand(answer, asked_at)


def _reported(answer: steps.Answer, site: str | None) -> steps.Token | steps.Wait | _Refused:
    """Reduce the answer at once to what the caller may know, because a traceback may show local variables."""
    if not isinstance(answer, steps.Busy):
        return answer
    holders = filter(None, (models.holder("", row) for row in answer.holders))
    return _Refused(tuple(models.seen_from(site, each) for each in holders))


def abandon(redis: Redis, wanted: steps.Wanted) -> None:
    """After an error: leave the queue, and release the lock if it was granted meanwhile."""
    with suppress(RedisError):
        steps.leave(redis, wanted.name, wanted.id, still_wanted=False)


@dataclass(slots=True)
class _Line:
    redis: Redis
    wanted: steps.Wanted
    wait_s: float
    deadline: float
    site: str | None

    def stand(self, answer: steps.Token | steps.Wait | _Refused | None, asked_at: float) -> tuple[steps.Token, float]:
        while True:
            if isinstance(answer, _Refused):
                raise self._too_late(answer.holders)
            try:
                if isinstance(answer, steps.Wait):
                    # What wakes us was given after we asked.
                    answer = self._sleep(answer.nap_s)
                if answer is None:
                    asked_at = monotonic()
                    answer = self._ask(asked_at)
            except RedisError as error:
                # Who stands in line outlasts a restart of the server.
                if monotonic() >= self.deadline:
                    raise unreachable(error) from error
                sleep(min(_AGAIN_S, max(self.deadline - monotonic(), 0)))
                answer = None
            if isinstance(answer, int):
                return answer, asked_at

    def _sleep(self, nap_s: float) -> steps.Token | None:
        return steps.wait_for_turn(self.redis, self.wanted, min(nap_s, self.deadline - monotonic()))

    def _ask(self, now: float) -> steps.Token | steps.Wait | _Refused:
        if now >= self.deadline:
            return _reported(steps.leave(self.redis, self.wanted.name, self.wanted.id, still_wanted=True), self.site)
        return _reported(steps.acquire(self.redis, self.wanted, self.deadline - now), self.site)

    def _too_late(self, holders: tuple[Holder, ...]) -> LockTimeout:
        said = {"lock": self.wanted.name, "wait_s": self.wait_s}
        if holders:
            people: list[str] = [
                _("{who} since {since}").format(who=str(each.who), since=Instant(each.since, "full"))
                for each in holders[:3]
            ]
            if len(holders) > 3:
                rest = _("{people} and {count} more").format(people=joined(people, "; "), count=len(holders) - 3)
            else:
                rest = joined(people, "; ")
            held = _("The lock {lock!r} could not be had within {wait_s:g} s. It is held by {people}.")
            text = held.format(**said, people=rest)
        else:
            stand = _("The lock {lock!r} could not be had within {wait_s:g} s: others stand in line before us.")
            text = stand.format(**said)
        return LockTimeout(text, self.wanted.name, self.wait_s, holders)
