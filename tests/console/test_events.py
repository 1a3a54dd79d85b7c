"""Server-sent events: the page hears of a change, and nobody works when nobody listens."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from job_console.console import events
from job_console.console.events import Hub
from job_console.engine.errors import RedisUnavailable
from job_console.engine.watch import limits
from job_console.engine.watch.fingerprint import Fingerprint


@contextlib.contextmanager
def listening(port: int) -> Iterator[Any]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with connection.makefile("rb") as lines:
            yield lines


def until(lines: Any, wanted: bytes) -> bytes:
    for line in lines:
        if wanted in line:
            return line
    raise AssertionError(f"the stream ended without {wanted!r}")


def test_an_enqueued_job_is_an_event(site: Any, lane: Any) -> None:
    with listening(site.port) as lines:
        assert b"200" in lines.readline()
        until(lines, b"text/event-stream")
        until(lines, b"event: changed")  # the first look
        lane.enqueue("tests.jobs.say_hello")
        until(lines, b"event: changed")


def test_two_listeners_hear_the_same(site: Any, lane: Any) -> None:
    with listening(site.port) as one, listening(site.port) as other:
        until(one, b"event: changed")
        until(other, b"event: changed")
        lane.enqueue("tests.jobs.say_hello")
        until(one, b"event: changed")
        until(other, b"event: changed")


def test_a_snapshot_that_is_as_new_as_an_event_says_shows_what_it_told(site: Any, lane: Any) -> None:
    with listening(site.port) as lines:
        until(lines, b"event: changed")
        job = lane.enqueue("tests.jobs.say_hello")
        waiting: list[str] = []
        while job.id not in waiting:
            until(lines, b"event: changed")
            since = json.loads(until(lines, b"data:").removeprefix(b"data:"))["at"]
            snapshot = site.get(f"/api/snapshot?since={quote(since)}").json
            assert snapshot["at"] >= since
            waiting = [each["id"] for queue in snapshot["queues"] for each in queue["head"]]
    assert site.get("/api/snapshot?since=yesterday").status == 400


class TestHub:
    @pytest.fixture(autouse=True)
    def fast(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "FINGERPRINT_EVERY_S", 0.01)
        monkeypatch.setattr(limits, "LOOKS_A_S", 1000.0)

    @pytest.fixture
    def reads(self) -> list[str]:
        return []

    @pytest.fixture
    def hub(self, reads: list[str]) -> Iterator[Hub]:
        self.now: str | Exception = "a"

        def read() -> Fingerprint:
            reads.append(str(self.now))
            if isinstance(self.now, Exception):
                raise self.now
            return Fingerprint(self.now, datetime(2026, 11, 30, tzinfo=timezone.utc))

        hub = Hub(lambda: SimpleNamespace(read=read))  # type: ignore[arg-type,return-value]
        yield hub
        hub.close()

    def test_it_watches_only_while_somebody_listens(self, hub: Hub, reads: list[str], wait_until: Any) -> None:
        assert not watchers()
        streams = [hub.listen(), hub.listen()]
        wait_until(lambda: len(reads) > 2)
        assert len(watchers()) == 1
        streams[0].close()
        assert len(watchers()) == 1
        streams[1].close()
        wait_until(lambda: not watchers())
        seen = len(reads)
        streams = [hub.listen()]
        wait_until(lambda: len(reads) > seen)
        streams[0].close()

    def test_losing_redis_and_getting_it_back_are_events(self, hub: Hub) -> None:
        stream = hub.listen()
        assert next(stream).startswith("retry:")
        assert next(stream) == 'event: changed\ndata: {"at": "2026-11-30T00:00:00.000000Z"}\n\n'
        self.now = RedisUnavailable("gone")
        assert next(stream) == "event: changed\ndata: {}\n\n"
        self.now = "b"
        assert next(stream).startswith("event: changed")
        stream.close()

    def test_a_failure_of_ours_does_not_end_the_watch(self, hub: Hub, reads: list[str], wait_until: Any) -> None:
        self.now = ZeroDivisionError("ours")
        stream = hub.listen()
        assert next(stream).startswith("retry:")
        wait_until(lambda: len(reads) > 1)
        self.now = "b"
        assert next(stream).startswith("event: changed")
        stream.close()

    def test_closing_ends_the_streams(self, hub: Hub) -> None:
        stream = hub.listen()
        assert [next(stream), next(stream)][1].startswith("event: changed")
        threading.Timer(0.05, hub.close).start()
        assert list(stream) in ([], [": still here\n\n"])
        stream.close()

    def test_there_is_an_end_to_how_many(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(events, "LISTENERS", 1)
        stream = hub.listen()
        with pytest.raises(events.TooManyListeners):
            hub.listen()
        stream.close()
        hub.listen().close()


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "job-console-watcher"]
