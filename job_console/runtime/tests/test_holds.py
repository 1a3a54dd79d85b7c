"""A lane and a method that somebody paused, on a site: Frappe's own jobs and workers."""

import subprocess

import frappe
from frappe.utils import get_bench_path

from job_console.bridge.access import console
from job_console.bridge.connection import engine, queue_prefix
from job_console.bridge.tests.testing import SiteTestCase
from job_console.engine.redis import keys

TESTING = "job_console.bridge.tests.testing"
NOTHING = f"{TESTING}.nothing"


class TestHolds(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.redis.delete(keys.HOOK_FAILURES, keys.HOLDS)
        self.addCleanup(self.redis.delete, keys.HOLDS)

    def operate(self, action: str, target: str, seconds: float | None = None, reason: str = "") -> dict:
        (result,) = console().operations.run(action, target, seconds, reason)["results"]
        engine().watch.forget()
        return result

    def test_a_paused_lane_keeps_its_jobs(self) -> None:
        job_id = self.enqueue(NOTHING)
        engine().watch.forget()
        self.assertTrue(self.operate("pause_queue", "short", 600, "the bank is down")["ok"])
        self.work()
        waiting = self.redis.lrange(keys.queue(f"{queue_prefix()}short"), 0, -1)
        self.assertIn(job_id.encode(), waiting)
        (reported, *_rest) = console().jobs.explain(job_id)["because"]
        self.assertRegex(reported, "short is paused by .* the bank is down")
        self.assertTrue(self.operate("resume_queue", "short")["ok"])
        self.work()
        self.assertEqual(console().jobs.show(job_id)["status"], "finished")

    def test_bench_worker_obeys(self) -> None:
        """The command itself, which loads what it obeys by (commands.py)."""
        waits, other = self.enqueue(NOTHING), self.enqueue(NOTHING, queue="long")
        engine().watch.forget()
        self.assertTrue(self.operate("pause_queue", "short", 600, "the bank is down")["ok"])
        words = ["bench", "worker", "--queue", "short,long", "--burst", "--quiet"]
        subprocess.run(words, cwd=get_bench_path(), check=True, capture_output=True, timeout=300)
        engine().watch.forget()
        states = {job_id: console().jobs.show(job_id)["status"] for job_id in (waits, other)}
        self.assertEqual(states, {waits: "queued", other: "finished"})

    def test_a_paused_methods_jobs_are_put_away_and_come_back(self) -> None:
        errors = frappe.db.count("Error Log")
        self.assertTrue(self.operate("pause_method", NOTHING, 600, "the bank is down")["ok"])
        job_id, other = self.enqueue(NOTHING), self.enqueue(f"{TESTING}.add", one=1, other=2)
        self.work()
        engine().watch.forget()
        shown = console().jobs.show(job_id)
        self.assertEqual((shown["status"], shown["progress"]["parked"]["until"]), ("scheduled", "held"))
        self.assertEqual(console().jobs.show(other)["status"], "finished")
        self.assertTrue(self.operate("resume_method", NOTHING)["ok"])
        engine().sweep()
        self.wait(lambda: self._moved(job_id))
        self.work()
        engine().watch.forget()
        shown = console().jobs.show(job_id)
        self.assertEqual((shown["status"], shown["attempt"], shown["tries"]), ("finished", 1, None))
        frappe.db.rollback()
        self.assertEqual(frappe.db.count("Error Log"), errors)
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))

    def _moved(self, job_id: str) -> bool:
        engine().sweep()
        return self.redis.hget(keys.job(job_id), "status") == b"queued"
