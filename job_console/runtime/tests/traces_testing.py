"""Jobs for the tests of traces, and what they are sent to: a server that takes what OpenTelemetry's exporter and
Sentry's client send over HTTP.
"""

import gzip
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import frappe

import job_console
from job_console.bridge import logs
from job_console.bridge.connection import engine

SAID = "something is wrong with this test"


class Collector:
    """Spans by name as they came in, and Sentry's events."""

    def __init__(self) -> None:
        #: Takes what is sent, and does not answer while this is cleared.
        self.answers = threading.Event()
        self.spans: list[Any] = []
        self.services: set[str] = set()
        self.events: list[dict[str, Any]] = []
        self.posts = 0
        self.forget()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def forget(self) -> None:
        """Between two tests."""
        self.answers.set()
        self.spans, self.services, self.events, self.posts = [], set(), [], 0

    def named(self, name: str) -> list[Any]:
        return [span for span in list(self.spans) if span.name == name]

    def take(self, path: str, body: bytes) -> None:
        if path == "/v1/traces":
            from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.services |= {
                    each.value.string_value for each in group.resource.attributes if each.key == "service.name"
                }
                self.spans += [span for scope in group.scope_spans for span in scope.spans]
        else:
            self.events += [
                json.loads(line) for line in body.splitlines() if b'"event_id"' in line and b'"level"' in line
            ]


@cache
def collector() -> Collector:
    """One for this process, which sets OpenTelemetry up once."""
    return Collector()


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collector.posts += 1
            collector.answers.wait(60)
            collector.take(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    return Handler


@contextmanager
def environment(**settings: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


# The jobs.


def first(other: str, **ignored) -> None:
    """Enqueues another one, after its commit."""
    frappe.enqueue(f"{__name__}.second", queue="short", job_id=other, enqueue_after_commit=True)


def second(**ignored) -> None:
    logs.logger().error(SAID)


def in_chunks(**ignored) -> None:
    for _item in job_console.each(range(25), size=10):
        pass


def imported(key: str, **ignored) -> None:
    """What of OpenTelemetry this process has."""
    found = sorted(name for name in sys.modules if name.startswith("opentelemetry"))
    engine().redis.set(key, ",".join(found) or "nothing", ex=60)


def hang(key: str, **ignored) -> None:
    engine().redis.set(key, os.getpid(), ex=60)
    time.sleep(600)


def tell_sentry(**ignored) -> None:
    import sentry_sdk

    sentry_sdk.capture_message("from within a job")
    sentry_sdk.flush(10)
