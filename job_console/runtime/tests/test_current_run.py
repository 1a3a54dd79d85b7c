"""The present run: begun and ended with its job, whatever runs around it or was left before it."""

from datetime import datetime, timezone
from uuid import uuid4

import frappe
from frappe.utils.background_jobs import generate_qname

import job_console
from job_console.bridge.access import console
from job_console.bridge.tests.testing import MARK, SiteTestCase
from job_console.engine.history import statistics
from job_console.engine.redis import keys
from job_console.runtime import current_run
from job_console.runtime.run import hooks

TESTING = "job_console.runtime.tests.current_run_testing"
AROUND = f"{TESTING}.runs_another_at_once"


def job(job_id: str) -> frappe._dict:
    """As far as `current_run` looks at one."""
    return frappe._dict(id=job_id, started_at=datetime.now(timezone.utc), worker_name="w")


class TestPresent(SiteTestCase):
    def test_outside_a_job_there_is_none(self) -> None:
        hooks.before_job("x", {})
        self.assertIsNone(current_run.latest())
        hooks.after_job("x", {})
        self.assertIsNone(current_run.latest())

    def test_a_job_that_runs_within_another_one_leaves_that_its_own(self) -> None:
        for key in self.redis.scan_iter(keys.OURS + "stats:*", count=1000):
            self.redis.delete(key)
        self.redis.delete(keys.HOOK_FAILURES)
        inner = f"{MARK}{uuid4().hex}"
        self.made.append(inner)
        job_id = self.enqueue(AROUND, inner=inner, lane=generate_qname("short"))
        self.work()
        self.assertEqual(
            (console().jobs.show(job_id)["status"], console().jobs.show(job_id)["error"]), ("finished", None)
        )
        found = statistics.usual(self.redis, [AROUND, f"{TESTING}.nothing"], datetime.now(timezone.utc))
        self.assertEqual({method: usual.runs for method, usual in found.items()}, {AROUND: 1, f"{TESTING}.nothing": 1})
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))

    def test_what_was_left_without_its_end_is_closed_when_the_next_job_begins(self) -> None:
        """In a worker that does not fork, after another app's hook has failed."""
        left = current_run.begin(job("left"))
        left.lock = job_console.lock("left-behind", wait=0, until="exit").acquire()
        self.assertIn("left-behind", str(console().locks.all()["locks"]))
        run = current_run.begin(job("next"))
        self.assertNotIn("left-behind", str(console().locks.all()["locks"]))
        self.assertIsNone(run.outer)
        current_run.end(run)
        self.assertIsNone(current_run.latest())

    def test_attempts_in_place_are_one_run(self) -> None:
        again = job("again")
        run = current_run.begin(again)
        run.place = "a place"
        self.assertIs(current_run.begin(again), run)
        self.assertFalse(run.is_outermost_attempt)
        self.assertEqual(run.place, "a place")
        current_run.end(run)
        self.assertTrue(run.is_outermost_attempt)
        self.assertIs(current_run.latest(), run)
        current_run.end(run)
        self.assertIsNone(current_run.latest())
