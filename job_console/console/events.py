"""Server-sent events: tells the page that something changed, so that it asks again.

One watcher looks once a second, and only while somebody listens. An event carries no data: what a viewer may see is
decided when they ask.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

from job_console.engine.errors import JobConsoleError

log = logging.getLogger("job_console")

LOOK_EVERY_S = 1.0
#: A comment now and then: it finds listeners that went away, and keeps proxies from hanging up.
KEEP_ALIVE_S = 15.0
#: Each listener holds a thread.
LISTENERS = 200


class TooManyListeners(Exception):
    pass


class Hub:
    def __init__(self, marker: Callable[[], str]) -> None:
        self._marker = marker
        self._changed = threading.Condition()
        self._version = 0
        self._listeners = 0
        self._watching = False
        self._looked = False
        self._closed = False

    def listen(self) -> Stream:
        """The text of an event stream. Counts as a listener from the call on, until it is closed."""
        with self._changed:
            if self._listeners >= LISTENERS:
                raise TooManyListeners
            self._listeners += 1
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, name="job-console-watcher", daemon=True).start()
        return Stream(self._events(), self._leave)

    def close(self) -> None:
        """End all streams and the watcher."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _events(self) -> Iterator[str]:
        # The first event comes after a first look: what changed before, while the page was loading, is not missed.
        seen = self._version - 1 if self._looked else self._version
        yield "retry: 2000\n\n"
        while not self._closed:
            before, seen = seen, self._newer_than(seen)
            yield "event: changed\ndata: {}\n\n" if seen != before else ": still here\n\n"

    def _newer_than(self, seen: int) -> int:
        """The version as soon as it is another one, or when it is time to say that we are still here."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._version != seen, KEEP_ALIVE_S)
            return self._version

    def _leave(self) -> None:
        with self._changed:
            self._listeners -= 1
            self._changed.notify_all()

    def _watch(self) -> None:
        last: str | None = None
        while True:
            began = time.monotonic()
            now = self._look()
            with self._changed:
                if now != last:
                    self._version += 1
                    self._changed.notify_all()
                last, self._looked = now, True
                pause = LOOK_EVERY_S - (time.monotonic() - began)
                self._changed.wait_for(self._nobody_listens, max(pause, 0.0))
                if self._nobody_listens():
                    self._watching = self._looked = False
                    return

    def _look(self) -> str:
        try:
            return self._marker()
        except JobConsoleError as error:
            return f"unreachable: {type(error).__name__}"
        except Exception:
            # The watcher outlives one bad look; otherwise every page would go quiet for good.
            log.exception("Looking for changes failed")
            return "failed"

    def _nobody_listens(self) -> bool:
        return self._closed or not self._listeners


class Stream:
    """An iterator whose `close` runs even when it was never started (a generator's `finally` would not)."""

    def __init__(self, events: Iterator[str], leave: Callable[[], None]) -> None:
        self._events = events
        self._leave: Callable[[], None] | None = leave

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> str:
        return next(self._events)

    def close(self) -> None:
        leave, self._leave = self._leave, None
        if leave:
            leave()
