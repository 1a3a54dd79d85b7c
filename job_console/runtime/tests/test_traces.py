"""Spans of real jobs, as a collector receives them over OTLP, and what Sentry is told of them."""

import os
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import frappe
from frappe.installer import update_site_config
from frappe.utils.background_jobs import create_job_id, generate_qname
from rq.job import Job

from job_console.bridge.access import console
from job_console.bridge.tests import workers_testing
from job_console.bridge.tests.testing import MARK, SiteTestCase
from job_console.engine.redis import keys
from job_console.engine.traces import carried
from job_console.runtime import traces
from job_console.runtime.run.traces import LATE

from . import traces_testing
from .traces_testing import SAID, attributes, collector, environment

JOBS = traces_testing.__name__
FAIL = "job_console.bridge.tests.testing.fail"
HAS_IT = find_spec("opentelemetry") and find_spec("opentelemetry.proto") and find_spec("opentelemetry.sdk")


class TracesTestCase(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.collector = collector()
        self.collector.forget()
        self.addCleanup(self.collector.forget)
        self.redis.delete(LATE)
        self.addCleanup(self.redis.delete, LATE)
        here = f"http://127.0.0.1:{self.collector.port}"
        sentry = here.replace("//", "//key@") + "/1"
        settings = environment(OTEL_EXPORTER_OTLP_ENDPOINT=here, FRAPPE_SENTRY_DSN=sentry)
        settings.__enter__()
        self.addCleanup(settings.__exit__, None, None, None)
        # Workers get their environment from the process that forks them.
        workers_testing._template.cache_clear()
        self.addCleanup(workers_testing._template.cache_clear)

    def switch_on(self) -> None:
        update_site_config(traces.SWITCH, 1)
        frappe.local.conf[traces.SWITCH] = 1
        self.addCleanup(frappe.local.conf.pop, traces.SWITCH)
        self.addCleanup(update_site_config, traces.SWITCH, "None")


class TestOff(TracesTestCase):
    def test_nothing_is_imported_nor_carried(self) -> None:
        key = keys.own("test", uuid4().hex)
        job_id = self.enqueue(f"{JOBS}.imported", key=key)
        self.work()
        self.assertEqual(self.redis.get(key), b"nothing")
        self.assertEqual(Job.fetch(job_id, connection=self.redis).meta, {})
        self.assertEqual(self.collector.posts, 0)

    def test_sentry_is_told_which_job_it_was(self) -> None:
        job_id = self.enqueue(f"{JOBS}.tell_sentry")
        self.work()
        (event,) = self.collector.events
        self.assertEqual(event["tags"]["job_console.job_id"], job_id)
        self.assertEqual(event["tags"]["job_console.method"], f"{JOBS}.tell_sentry")
        self.assertIn("job-monitor?job=", event["contexts"]["job_console"]["job"])


class TestTraces(TracesTestCase):
    def setUp(self) -> None:
        if not HAS_IT:
            self.skipTest("OpenTelemetry is not there: bench pip install opentelemetry-exporter-otlp-proto-http")
        super().setUp()
        self.switch_on()

    def send(self) -> None:
        """What this process has still to send."""
        from opentelemetry import trace

        if hasattr(provider := trace.get_tracer_provider(), "force_flush"):
            provider.force_flush()

    def meta(self, job_id: str) -> dict[str, Any]:
        return Job.fetch(job_id, connection=self.redis).meta

    def runs(self, method: str, count: int = 1) -> list[Any]:
        self.wait(lambda: len(self.collector.named(f"run {method}")) >= count)
        found = self.collector.named(f"run {method}")
        self.assertEqual(len(found), count)
        return found

    def test_request_job_and_the_job_that_it_enqueues(self) -> None:
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider

        other = f"{MARK}{uuid4().hex}"
        self.made.append(create_job_id(other))
        with TracerProvider().get_tracer("web").start_as_current_span("POST /api/method/x"):
            request = trace.get_current_span().get_span_context()
            first = self.enqueue(f"{JOBS}.first", other=other)
        self.send()
        self.work()
        method, below = f"{JOBS}.first", f"{JOBS}.second"
        names = [f"enqueue {method}", f"run {method}", f"enqueue {below}", f"run {below}"]
        self.wait(lambda: all(self.collector.named(name) for name in names))
        chain = [span for name in names for span in self.collector.named(name)]
        self.assertEqual([span.name for span in chain], names, "one of each")
        self.assertEqual({span.trace_id for span in chain}, {request.trace_id.to_bytes(16, "big")})
        parents = [request.span_id.to_bytes(8, "big"), *(span.span_id for span in chain)]
        self.assertEqual([span.parent_span_id for span in chain], parents[:-1])
        self.assertEqual([span.kind for span in chain], [4, 5, 4, 5], "producers and consumers")
        self.assertEqual([link.span_id for link in chain[1].links], [chain[0].span_id])
        said = attributes(chain[1])
        self.assertEqual(said["messaging.message.id"], first)
        self.assertEqual(attributes(chain[0])["messaging.message.id"], first)
        expected = {
            "messaging.system": "rq",
            "messaging.destination.name": generate_qname("short"),
            "messaging.operation.type": "process",
            "code.function.name": method,
            "job_console.site": frappe.local.site,
            "user.id": frappe.session.user,
            "job_console.attempt": 1,
            "job_console.outcome": "finished",
        }
        self.assertEqual({name: said.get(name) for name in expected}, expected)
        self.assertEqual(self.collector.services, {traces.service()})
        self.assertIn(f"[job {create_job_id(other)}, trace {chain[3].trace_id.hex()}] {SAID}", self.log())

    def log(self) -> str:
        return (Path(frappe.utils.get_bench_path()) / "logs" / "job_console.log").read_text()

    def test_a_failure_and_its_retry(self) -> None:
        job_id = self.enqueue(FAIL)
        self.work()
        (span,) = self.runs(FAIL)
        self.assertEqual(attributes(span)["job_console.outcome"], "failed")
        self.assertEqual((span.status.code, span.status.message), (2, "ValueError: this one fails, on purpose"))
        (event,) = span.events
        self.assertEqual(event.name, "exception")
        console().actions.run("retry", [job_id])
        self.work()
        again = self.runs(FAIL, 2)[1]
        self.assertIn(span.span_id, [link.span_id for link in again.links])
        self.assertEqual(again.trace_id, span.trace_id)

    def test_chunks_are_events(self) -> None:
        self.enqueue(f"{JOBS}.in_chunks")
        self.work()
        (span,) = self.runs(f"{JOBS}.in_chunks")
        items = [attributes(event)["job_console.items"] for event in span.events if event.name == "chunk committed"]
        self.assertEqual(items, [10, 10, 5])

    def test_the_span_of_a_killed_job_is_not_lost(self) -> None:
        key = keys.own("test", uuid4().hex)
        job_id = self.enqueue(f"{JOBS}.hang", key=key)
        with self.working():
            pid = self.wait(lambda: self.redis.get(key))
            begun = carried.of(self.meta(job_id), carried.RUN)
            os.kill(int(pid), signal.SIGKILL)
            (span,) = self.runs(f"{JOBS}.hang")
        self.assertEqual(begun["traceparent"].split("-")[1:3], [span.trace_id.hex(), span.span_id.hex()])
        said = attributes(span)
        self.assertEqual((said["job_console.outcome"], said["job_console.reported_by"]), ("killed", "worker"))
        self.assertIn("signal 9", span.status.message)
        self.assertGreater(span.end_time_unix_nano, span.start_time_unix_nano)

    def test_nor_that_of_a_stopped_one(self) -> None:
        key = keys.own("test", uuid4().hex)
        job_id = self.enqueue(f"{JOBS}.hang", key=key)
        with self.working():
            self.wait(lambda: self.redis.get(key))
            console().actions.run("stop", [job_id])
            (span,) = self.runs(f"{JOBS}.hang")
        self.assertEqual((attributes(span)["job_console.outcome"], span.status.code), ("stopped", 0))

    def test_nobody_waits_again_for_a_collector_that_does_not_answer(self) -> None:
        self.send()
        self.collector.posts = 0
        self.collector.answers.clear()
        with patch.dict(frappe.local.conf, {traces.SWITCH: 0}):  # this process sends what it enqueues later
            jobs = [self.enqueue("job_console.bridge.tests.testing.nothing") for _ in range(3)]
        self.work()
        for job_id in jobs:
            self.assertEqual(Job.fetch(job_id, connection=self.redis).get_status(), "finished")
        self.assertGreater(self.redis.ttl(LATE), 0)
        self.assertEqual(self.collector.posts, 1, "the second and third did not even try")
