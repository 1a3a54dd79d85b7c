"""Notifies viewers when a look would show something new: compares fingerprints several times a second.

The first change after a quiet time is notified at once. Viewers look when they are notified, all of them at the same
snapshot, so this decides how often there is a look: `limits.LOOKS_A_S`, and after a quiet time some more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from ..errors import JobConsoleError
from . import limits
from .fingerprint import Fingerprint


class TokenBucket:
    """So many tokens a second; those that nobody takes are kept, up to `capacity`."""

    def __init__(self, a_second: float, capacity: int, clock: Callable[[], float] = monotonic) -> None:
        self._a_second = a_second
        self._capacity = capacity
        self._clock = clock
        self._tokens = float(capacity)
        self._at = clock()

    def take(self) -> bool:
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) * self._a_second, self._capacity)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class ChangeNotifier:
    """One per host and bench. Its owner calls `check` every `limits.FINGERPRINT_EVERY_S` while somebody views."""

    def __init__(
        self,
        read: Callable[[], Fingerprint],
        notify: Callable[[datetime | None], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`notify` is given how new a look must be, None when Redis cannot be reached."""
        self._read = read
        self._notify = notify
        self._looks = TokenBucket(limits.LOOKS_A_S, limits.LOOKS_SAVED, clock)
        self._notified: str | None = None

    def check(self) -> None:
        """Read a fingerprint; notify if it is another one. The first check notifies: what was before is not known."""
        try:
            fingerprint = self._read()
            digest, at = fingerprint.digest, fingerprint.at
        except JobConsoleError as error:
            digest, at = f"unreachable: {type(error).__name__}", None
        if digest != self._notified and self._looks.take():
            self._notified = digest
            self._notify(at)
