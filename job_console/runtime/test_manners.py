"""Policies are obeyed around jobs that Frappe itself enqueued, by real workers."""

import threading
import time

import frappe

import job_console
from job_console import api
from job_console.bridge.policies_testing import PolicyTestCase
from job_console.engine import failures_log, keys
from job_console.engine.errors import LockTimeout

TESTING = "job_console.bridge.testing"
SLEEP, ADD = f"{TESTING}.sleep", f"{TESTING}.add"


class TestLock(PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.redis.delete(keys.HOOK_FAILURES, keys.failures(SLEEP))

    def test_a_job_holds_its_lock_while_it_runs(self) -> None:
        self.make(method=SLEEP, lock_key="bed:{name}")
        job_id = self.enqueue(SLEEP, seconds=4, name="B-1")
        working = threading.Thread(target=self.work)
        working.start()
        try:
            held = self.until(lambda: [each for each in api.locks()["locks"] if each["key"].endswith("|bed:B-1")])
            holder = held[0]["holder"]
            self.assertEqual((holder["job_id"], holder["method"]), (job_id, SLEEP))
            with self.assertRaises(LockTimeout):
                job_console.lock("bed:B-1", wait=0).acquire()
            job_console.lock("bed:B-2", wait=0).acquire().release()
        finally:
            working.join()
        self.assertEqual(api.show(job_id)["status"], "finished")
        job_console.lock("bed:B-1", wait=0).acquire().release()
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))

    def test_without_its_lock_it_does_not_run_and_says_who_has_it(self) -> None:
        self.make(match_by="Pattern", pattern=f"{TESTING}.sl*", lock_key="bed", lock_wait=0.5)
        with job_console.lock("bed", wait=0, until="exit"):
            job_id = self.enqueue(SLEEP, seconds=0)
            self.work()
        job = api.show(job_id)
        self.assertEqual(job["status"], "failed")
        self.assertRegex(job["error"]["type"], "LockTimeout")
        self.assertIn(frappe.session.user, job["error"]["message"])
        (failed,) = failures_log.of_method(self.redis, SLEEP)
        self.assertEqual((failed.job_id, failed.type), (job_id, "LockTimeout"))
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))

    def test_a_job_that_fails_or_comes_again_gives_it_back(self) -> None:
        self.make(match_by="Pattern", pattern=f"{TESTING}.*", lock_key="bed", lock_wait=0.5)
        jobs = [self.enqueue(f"{TESTING}.{name}", **more) for name, more in WORK]
        self.work()
        ended = [api.show(job_id) for job_id in jobs]
        self.assertNotIn("LockTimeout", frappe.as_json([job["error"] for job in ended]))
        self.assertEqual(ended[-1]["status"], "finished")
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))

    def until(self, ask):
        deadline = time.monotonic() + 60
        while not (found := ask()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found


WORK = (("fail", {}), ("retried", {"name": frappe.generate_hash()}), ("nothing", {}))
