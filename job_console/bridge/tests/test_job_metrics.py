"""A site's past in its own database: written down by sweeps, kept when Redis is emptied, counted once."""

from datetime import datetime, timedelta, timezone

import frappe

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.sweep import job_metrics
from job_console.bridge.tests.testing import CLERK, MANAGER, OTHER_SITE, SiteTestCase
from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.redis import keys

METHOD, METRIC = "shop.tests.sync", "Job Metric"
OURS = ("stats", "totals", "history", "history_sites", "gauges")


class TestJobMetrics(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.empty_redis()
        frappe.db.delete(METRIC)
        frappe.db.commit()
        self.lane = f"{engine().watch.queue_prefix}short"

    def tearDown(self) -> None:
        self.empty_redis()
        frappe.db.delete(METRIC)
        frappe.db.commit()
        super().tearDown()

    def empty_redis(self) -> None:
        """Of what is counted: the bench's jobs stay."""
        for kind in OURS:
            for key in self.redis.scan_iter(keys.own(kind, "*"), count=1000):
                self.redis.delete(key)

    def count(self, times: int, hours_ago: float = 0, site: str | None = None, **more) -> None:
        at = datetime.now(timezone.utc) - timedelta(hours=hours_ago)
        fields = {"method": METHOD, "queue": self.lane, "outcome": "finished", "run_s": 2.0, "wait_s": 0.5, **more}
        for _ in range(times):
            statistics.record(self.redis, EndedRun(at=at, site=site or frappe.local.site, **fields))

    def sweep(self) -> None:
        job_metrics.put_away(engine(), engine().watch.look())

    def ended(self, last: str = "24h", **asked) -> int:
        frappe.set_user(MANAGER)
        return sum(api.metrics_history(last, **asked)["total"]["runs"])

    def test_an_emptied_redis_loses_nothing_that_was_written_down_and_nothing_counts_twice(self) -> None:
        self.count(4)
        self.sweep()
        self.sweep()
        self.assertEqual(self.ended(), 4)
        self.empty_redis()
        self.assertEqual(self.ended(), 4, "the database knows")
        self.sweep()
        self.count(3)
        self.assertEqual(self.ended(), 7, "what is counted anew is added")
        self.sweep()
        self.sweep()
        self.assertEqual(self.ended(), 7)
        self.assertEqual(self.ended(method=METHOD), 7)
        self.assertEqual(sum(frappe.get_all(METRIC, {"period": "hour"}, pluck="runs")), 7)

    def test_a_sweep_that_dies_in_between_is_made_good_by_the_next(self) -> None:
        self.count(2, hours_ago=5)
        self.count(2)
        real, written = job_metrics._insert, []

        def die(fields: dict) -> None:
            written.append(fields["name"])
            if len(written) == 2:
                raise RuntimeError("killed")
            real(fields)

        job_metrics._insert = die
        try:
            with self.assertRaises(RuntimeError):
                self.sweep()
        finally:
            job_metrics._insert = real
        hours = {"period": "hour"}  # five hours ago may have been yesterday, and its day is written down as well
        self.assertEqual(frappe.db.count(METRIC, hours), 1)
        self.assertEqual(self.ended(), 4)
        self.sweep()
        self.assertEqual(frappe.db.count(METRIC, hours), 2)
        self.empty_redis()
        self.assertEqual(self.ended(), 4)

    def test_days_are_made_of_their_hours_and_outlive_them(self) -> None:
        for hours in (30, 40, 50, 60):
            self.count(1, hours_ago=hours)
        self.sweep()
        self.empty_redis()
        self.sweep()
        days = frappe.get_all(METRIC, {"period": "day"}, ["runs", "worker_minutes"])
        self.assertGreaterEqual(sum(day.runs for day in days), 3, "the youngest may not be over for three hours")
        self.assertEqual(self.ended("90d"), 4)
        frappe.db.delete(METRIC, {"period": "hour", "start": ("<", frappe.utils.add_days(None, -2))})
        frappe.db.commit()
        self.assertEqual(self.ended("90d"), 4)

    def test_a_site_keeps_and_shows_its_own_alone(self) -> None:
        self.count(2)
        self.count(5, site=OTHER_SITE, method="their.secret")
        self.sweep()
        frappe.set_user(MANAGER)
        for by in ("method", "queue", "site"):
            found = api.metrics_history("24h", by=by)
            self.assertEqual(sum(found["total"]["runs"]), 2)
            self.assertNotIn("their.secret", frappe.as_json(found))
            self.assertNotIn(OTHER_SITE, frappe.as_json(found))
        self.assertEqual(frappe.get_all(METRIC, pluck="runs"), [2])
        frappe.set_user(CLERK)
        with self.assertRaises(frappe.PermissionError):
            api.metrics_history()
        with self.assertRaises(frappe.PermissionError):
            frappe.get_list(METRIC)

    def test_old_hours_and_days_are_deleted(self) -> None:
        day = int(datetime.now(timezone.utc).timestamp()) // 86_400 * 86_400
        for period, days in (("hour", 40), ("hour", 20), ("day", 500), ("day", 300)):
            job_metrics._insert({"name": job_metrics._name(period, day - days * 86_400), "period": period})
        self.count(1, hours_ago=40)
        self.sweep()
        names = frappe.get_all(METRIC, pluck="name")
        self.assertIn(job_metrics._name("hour", day - 20 * 86_400), names)
        self.assertIn(job_metrics._name("day", day - 300 * 86_400), names)
        self.assertNotIn(job_metrics._name("hour", day - 40 * 86_400), names)
        self.assertNotIn(job_metrics._name("day", day - 500 * 86_400), names)
