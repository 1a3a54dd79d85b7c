"""Server-sent events: tells the page that something changed, so that it asks again.

One thread compares fingerprints (`engine.watch.change_notifier`), and only while somebody listens. An event says how
new a snapshot must be, and nothing of what is in it: what a viewer may see is decided when they ask.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from job_console.engine.watch import limits
from job_console.engine.watch.change_notifier import ChangeNotifier
from job_console.engine.watch.fingerprint import FingerprintReader
from job_console.engine.wire import time

log = logging.getLogger("job_console")

#: A comment now and then: it finds listeners that went away, and keeps proxies from hanging up.
KEEP_ALIVE_S = 15.0
#: Each listener holds a thread.
LISTENERS = 200


class TooManyListeners(Exception):
    pass


class Hub:
    def __init__(self, fingerprints: Callable[[], FingerprintReader]) -> None:
        self._fingerprints = fingerprints
        #: How new a snapshot must be that shows the newest change; None: Redis cannot be reached.
        self._at: datetime | None = None
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
        # The first event comes after a first fingerprint: what changed while the page was loading is not missed.
        seen = self._version - 1 if self._looked else self._version
        yield "retry: 2000\n\n"
        while not self._closed:
            before, seen = seen, self._newer_than(seen)
            yield _event(self._at) if seen != before else ": still here\n\n"

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
        notifier = ChangeNotifier(self._fingerprints().read, self._notify)
        while True:
            self._check(notifier)
            with self._changed:
                self._changed.wait_for(self._nobody_listens, limits.FINGERPRINT_EVERY_S)
                if self._nobody_listens():
                    self._watching = self._looked = False
                    return

    def _check(self, notifier: ChangeNotifier) -> None:
        try:
            notifier.check()
        except Exception:
            # The watcher outlives one bad look; otherwise every page would go quiet for good.
            log.exception("Looking for changes failed")

    def _notify(self, since: datetime | None) -> None:
        with self._changed:
            self._version += 1
            self._at, self._looked = since, True
            self._changed.notify_all()

    def _nobody_listens(self) -> bool:
        return self._closed or not self._listeners


def _event(since: datetime | None) -> str:
    said = {"at": time(since)} if since else {}
    return f"event: changed\ndata: {json.dumps(said)}\n\n"


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
