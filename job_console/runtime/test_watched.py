"""Where a job of this site is, while it runs."""

import frappe

from job_console import api
from job_console.bridge.testing import SiteTestCase
from job_console.engine import keys

JOBS = "job_console.runtime.watched_testing"


class TestWatched(SiteTestCase):
    def test_a_running_job_is_seen_where_it_is(self) -> None:
        job_id = self.enqueue(f"{JOBS}.sleep_soundly")
        with self.working():
            self.wait(lambda: self.redis.hexists(keys.ARMED, job_id))
            self.wait(lambda: api.where(job_id)["verdict"] == "waiting")
            found = api.where(job_id)
        self.assertEqual((found["waits_for"], found["place"]["function"]), ("sleep", "sleep_soundly"), found)
        self.assertIn("has not moved from watched_testing.py:", found["text"])
        self.assertGreater(found["process"]["memory_bytes"], 10_000_000)

    def test_a_wait_for_the_database(self) -> None:
        if frappe.db.db_type == "sqlite":
            self.skipTest("SQLite has no call that sleeps in the database")
        job_id = self.enqueue(f"{JOBS}.sleep_in_the_database")
        with self.working():
            self.wait(lambda: self.redis.hexists(keys.ARMED, job_id))
            self.wait(lambda: api.where(job_id)["waits_for"] == "database")
            found = api.where(job_id)
        self.assertEqual(found["place"]["function"], "sleep_in_the_database", found)

    def test_what_has_ended_leaves_nothing(self) -> None:
        job_id = self.enqueue(f"{JOBS}.sleep_soundly", seconds=0)
        self.work()
        self.assertFalse(self.redis.hexists(keys.ARMED, job_id))
        self.assertEqual(api.where(job_id)["verdict"], "gone")

    def test_it_can_be_left_off(self) -> None:
        frappe.installer.update_site_config("job_console_stacks", 0)
        self.addCleanup(frappe.installer.update_site_config, "job_console_stacks", "None")
        job_id = self.enqueue(f"{JOBS}.sleep_soundly")
        with self.working():
            self.wait(lambda: self.redis.hget(f"rq:job:{job_id}", "status") == b"started")
            self.assertEqual(api.where(job_id)["verdict"], "unknown")
