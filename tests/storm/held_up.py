"""For how long processes wanted a processor and got none: what the machine withheld, and nobody else is to blame for.

The kernel counts it for each thread (`/proc/PID/task/TID/schedstat`, the second number, in nanoseconds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path


class HeldUp:
    """Since it was made. `pids` is asked again at the end: what has begun since counts from its beginning."""

    def __init__(self, pids: Callable[[], Iterable[int | None]]) -> None:
        self._pids = pids
        self._before = self._waited()

    def most_s(self) -> float:
        """Of the thread that was held up for longest: all of them wait at once, so the sum would blame too much."""
        now = self._waited()
        return round(max((seconds - self._before.get(task, 0.0) for task, seconds in now.items()), default=0.0), 2)

    def _waited(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for pid in set(self._pids()) - {None}:
            for task in Path(f"/proc/{pid}/task").glob("*"):
                with suppress(OSError, IndexError):
                    found[str(task)] = int((task / "schedstat").read_text().split()[1]) / 1e9
        return found
