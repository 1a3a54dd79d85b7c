"""When viewers are notified: at once after a quiet time, and however much happens not more often than they may look."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest

from job_console.engine.errors import RedisUnavailable
from job_console.engine.watch import limits
from job_console.engine.watch.change_notifier import ChangeNotifier
from job_console.engine.watch.fingerprint import Fingerprint

_BEGIN = datetime(2026, 11, 30, tzinfo=timezone.utc)


class Scene:
    """A bench whose digest is `now`, a clock, and when viewers were notified."""

    def __init__(self) -> None:
        self.time = 0.0
        self.now: Any = "a"
        self.notified: list[float] = []
        self.notifier = ChangeNotifier(self.read, self.notify, lambda: self.time)

    def read(self) -> Fingerprint:
        if isinstance(self.now, Exception):
            raise self.now
        return Fingerprint(str(self.now), _BEGIN + timedelta(seconds=self.time))

    def notify(self, since: datetime | None) -> None:
        assert since is None or since == _BEGIN + timedelta(seconds=self.time), "as new as the fingerprint"
        self.notified.append(self.time)

    def checks(self, seconds: float, change: Any = None) -> list[float]:
        """Checks for so long; `change` makes something new before each. When viewers were notified."""
        before, end = len(self.notified), self.time + seconds
        while self.time < end:
            if change is not None:
                self.now = change()
            self.notifier.check()
            self.time += limits.FINGERPRINT_EVERY_S
        return self.notified[before:]


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    assert scene.checks(limits.FINGERPRINT_EVERY_S) == [0.0], "what changed before it began is not known"
    scene.checks(60)
    return scene


def test_quiet_is_quiet(scene: Scene) -> None:
    assert scene.checks(60) == []


def test_a_change_is_told_with_the_next_check(scene: Scene) -> None:
    scene.now, at = "b", scene.time
    assert scene.checks(5) == [at]


def test_a_short_job_is_told_as_it_happens(scene: Scene) -> None:
    """It comes, starts and ends within a second: none of it waits for that second's end."""
    changes = iter("bcd" + "d" * 100)
    at = scene.time
    times = scene.checks(5, lambda: next(changes))
    assert times == pytest.approx([at + step * limits.FINGERPRINT_EVERY_S for step in range(3)])


def test_a_storm_is_one_look_a_second(scene: Scene) -> None:
    numbers = iter(range(10**6))
    times = scene.checks(100, lambda: next(numbers))
    assert 99 <= len(times) <= 100 * limits.LOOKS_A_S + limits.LOOKS_SAVED
    # What was saved is spent after some seconds.
    later = [at for at in times if at > times[0] + 20]
    pairs = pairwise(later)
    assert all(after - before > 1 / limits.LOOKS_A_S - limits.FINGERPRINT_EVERY_S for before, after in pairs)


def test_the_last_change_of_a_storm_is_told(scene: Scene) -> None:
    numbers = iter(range(10**6))
    scene.checks(20, lambda: next(numbers))
    scene.now = "the end"
    assert len(scene.checks(5)) == 1


def test_losing_the_server_and_getting_it_back_is_told(scene: Scene) -> None:
    scene.now = RedisUnavailable("gone")
    assert len(scene.checks(5)) == 1
    scene.now = "a"
    assert len(scene.checks(5)) == 1
