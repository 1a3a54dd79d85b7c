"""Metrics of a site, for Prometheus: for its managers, and for guests with the token of its configuration."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import skipIf
from unittest.mock import patch
from uuid import uuid4

import frappe
import frappe.api
from redis import Redis
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from job_console import api
from job_console.bridge import connection, metrics
from job_console.bridge.connection import queue_prefix
from job_console.bridge.tests.testing import OTHER_SITE, SiteTestCase
from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.metrics import limits
from job_console.engine.redis import keys
from job_console.engine.redis.link import server_time
from job_console.engine.service import Engine

ADD = "job_console.bridge.tests.testing.add"
TOKEN = "a-token-of-this-site-alone"


try:
    import prometheus_client
except ImportError:
    prometheus_client = None
needs_library = skipIf(prometheus_client is None, "prometheus_client is not installed on this bench")


class TestMetrics(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.nobody_views()
        self.addCleanup(self.nobody_views)

    @contextmanager
    def configured(self, token: object) -> Iterator[None]:
        with patch.dict(frappe.local.conf, {metrics.TOKEN: token}):
            yield

    def scraped(self, token: str = "", **headers: str) -> Response:
        """As a guest's scraper gets it, through Frappe."""
        path, before = "/api/method/job_console.api.metrics", getattr(frappe.local, "request", None)
        builder = EnvironBuilder(path=path, query_string={"token": token} if token else {}, headers=[*headers.items()])
        frappe.local.request = request = Request(builder.get_environ())
        self.addCleanup(setattr, frappe.local, "request", before)
        frappe.local.response = frappe._dict()
        with self.user("Guest"):
            frappe.local.form_dict = frappe._dict(request.args.to_dict())
            try:
                return frappe.api.handle(request)
            except TypeError:  # Frappe 15 takes it from frappe.local
                return frappe.api.handle()

    def test_without_a_token_in_its_configuration_every_guest_is_refused(self) -> None:
        for configured in (None, "", "short", 0):
            for given in ("", "short", "0", "None"):
                with self.subTest(configured=configured, given=given), self.configured(configured):
                    self.assertRaises(frappe.PermissionError, self.scraped, given)

    @needs_library
    def test_a_guest_with_the_token_and_no_other_is_answered(self) -> None:
        with self.configured(TOKEN):
            self.assertRaises(frappe.PermissionError, self.scraped)
            self.assertRaises(frappe.PermissionError, self.scraped, TOKEN[:-1])
            self.assertRaises(frappe.PermissionError, self.scraped, "ä" + TOKEN)
            for answer in (self.scraped(TOKEN), self.scraped(**{metrics.HEADER: TOKEN})):
                self.assertEqual(answer.status_code, 200)
                self.assertIn("job_console_redis_up{", answer.get_data(as_text=True))
            answer = self.scraped(TOKEN, Accept="application/openmetrics-text; version=1.0.0")
            self.assertTrue(answer.content_type.startswith("application/openmetrics-text"))

    def test_it_opens_nothing_else(self) -> None:
        self.assertEqual(
            [each.__name__ for each in frappe.guest_methods if "job_console" in each.__module__], ["metrics"]
        )

    @needs_library
    def test_what_it_says_is_of_this_site(self) -> None:
        now = server_time(self.redis.time())
        self.enqueue(ADD, one=1, other=2)
        for site, method in ((frappe.local.site, "shop.ours"), (OTHER_SITE, "shop.theirs")):
            run = EndedRun(method, f"{queue_prefix()}short", "finished", now, run_s=1.0, wait_s=1.0, site=site)
            statistics.record(self.redis, run)
            hour = int(now.timestamp()) // 3600 * 3600
            self.addCleanup(self.redis.hdel, keys.ran(site, hour), method)
        metrics._reader.cache_clear()
        self.addCleanup(metrics._reader.cache_clear)
        with patch.object(limits, "METHODS", 100_000):  # other tests have run a lot today
            text = api.metrics().get_data(as_text=True)
        self.assertIn(f'job_console_site_runs_total{{bench="{connection._bench_id()}",', text)
        self.assertIn('method="shop.ours"', text)
        self.assertIn('queue="short",status="queued"', text)
        self.assertIn("job_console_incidents_open{", text)
        self.assertNotIn("theirs", text)
        self.assertNotIn(OTHER_SITE, text)
        self.assertNotIn(frappe.session.user, text)

    @needs_library
    def test_it_leaves_to_people_what_is_theirs(self) -> None:
        """A scrape is no viewer: nobody is notified for it. And what it stores for others is what they may see."""
        with self.configured(TOKEN):
            self.scraped(TOKEN)
        self.assertFalse(self.redis.exists(keys.viewed(queue_prefix(), frappe.local.site)))
        self.assertTrue(self.redis.exists(keys.snapshots(queue_prefix())), "the next viewer needs no look")
        self.assertFalse(api.snapshot()["read_only"])

    def test_open_incidents_are_counted(self) -> None:
        before = metrics._open_incidents().get("critical", 0)
        incident = {"doctype": "Job Incident", "title": "x", "code": "killed", "severity": "Critical", "status": "Open"}
        times = {"opened": frappe.utils.now(), "last_seen": frappe.utils.now()}
        cause = uuid4().hex[:20]
        self.addCleanup(frappe.db.delete, "Job Incident", {"cause": cause})
        frappe.get_doc({**incident, **times, "cause": cause, "open_cause": cause}).insert(ignore_permissions=True)
        self.assertEqual(metrics._open_incidents().get("critical", 0), before + 1)

    @needs_library
    def test_a_redis_that_is_away_is_a_metric(self) -> None:
        dead = Engine(Redis(port=1), queue_prefix=queue_prefix())
        with patch.object(connection, "_engine", lambda *_: dead):
            answer = api.metrics()
        self.assertEqual(answer.status_code, 200)
        self.assertIn("job_console_redis_up", answer.get_data(as_text=True))
        self.assertNotIn("job_console_workers", answer.get_data(as_text=True))

    def test_without_the_library_it_says_what_to_install(self) -> None:
        with (
            patch.dict(sys.modules, {"prometheus_client": None}),
            self.assertRaisesRegex(frappe.ValidationError, "pip install 'prometheus_client"),
        ):
            api.metrics()
