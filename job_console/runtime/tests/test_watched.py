"""Where a job of this site is, while it runs."""

import time
from typing import Any

import frappe
from frappe.installer import update_site_config

from job_console.bridge.access import console
from job_console.bridge.tests.testing import SiteTestCase
from job_console.engine.redis import keys
from job_console.engine.stacks import serving
from job_console.engine.stacks.arming import host

JOBS = "job_console.runtime.tests.watched_testing"


class TestWatched(SiteTestCase):
    def seen_at(self, job_id: str, function: str) -> dict[str, Any]:
        """Where it is, as soon as it has been seen to wait there."""
        found: dict[str, Any] = {}

        def waits() -> bool:
            found.update(console().jobs.where(job_id))
            return (found["place"] or {}).get("function") == function and found["verdict"] == "waiting"

        self.wait(lambda: self.redis.hexists(keys.ARMED, job_id))
        try:
            self.wait(waits)
        except AssertionError as late:
            raise AssertionError(found) from late
        return found

    def interrupt(self, job_id: str, reason: str = "") -> None:
        """Stop it gently, once its host's reader answers: one that is still starting cannot interrupt, and the next
        step would kill the job.
        """
        self.wait(lambda: console().jobs.where(job_id)["verdict"] != "unknown")
        (result,) = console().actions.run("stop_gently", [job_id], reason=reason)["results"]
        self.assertTrue(result["ok"], result)
        self.assertIn("was interrupted: it rolled back", result["reason"])

    def test_a_running_job_is_seen_where_it_is(self) -> None:
        job_id = self.enqueue(f"{JOBS}.sleep_soundly")
        with self.working():
            found = self.seen_at(job_id, "sleep_soundly")
            console().actions.run("stop", [job_id])
        self.assertEqual(found["waits_for"], "sleep", found)
        self.assertIn("has not moved from watched_testing.py:", found["text"])
        self.assertGreater(found["process"]["memory_bytes"], 10_000_000)

    def test_a_wait_for_the_database(self) -> None:
        if frappe.db.db_type == "sqlite":
            self.skipTest("SQLite has no call that sleeps in the database")
        job_id = self.enqueue(f"{JOBS}.sleep_in_the_database")
        with self.working():
            found = self.seen_at(job_id, "sleep_in_the_database")
            console().actions.run("stop", [job_id])
        self.assertEqual(found["waits_for"], "database", found)

    def test_what_has_ended_leaves_nothing(self) -> None:
        job_id = self.enqueue(f"{JOBS}.sleep_soundly", seconds=0)
        self.work()
        self.assertFalse(self.redis.hexists(keys.ARMED, job_id))
        self.assertEqual(console().jobs.where(job_id)["verdict"], "gone")

    def test_it_can_be_left_off(self) -> None:
        update_site_config("job_console_stacks", 0)
        self.addCleanup(update_site_config, "job_console_stacks", "None")
        job_id = self.enqueue(f"{JOBS}.sleep_soundly")
        with self.working():
            self.wait(lambda: self.redis.hget(f"rq:job:{job_id}", "status") == b"started")
            self.assertEqual(console().jobs.where(job_id)["verdict"], "unknown")
            console().actions.run("stop", [job_id])

    def test_left_off_no_process_of_ours_is_started_for_what_is_due_either(self) -> None:
        update_site_config("job_console_stacks", 0)
        self.addCleanup(update_site_config, "job_console_stacks", "None")
        serving.end(self.redis)
        self.redis.zadd(keys.RETRIES, {"job-console-test-later": time.time() + 600})
        self.addCleanup(self.redis.zrem, keys.RETRIES, "job-console-test-later")
        self.enqueue(f"{JOBS}.sleep_soundly", seconds=0)
        self.work()
        self.assertIn(self.redis.get(keys.stack_reader(host())), (None, b"ended"))

    def test_it_is_interrupted_and_nothing_of_it_is_committed(self) -> None:
        frappe.db.set_single_value("Job Console Settings", "secret_names", "whole")
        frappe.db.commit()
        job_id = self.enqueue(f"{JOBS}.write_and_sleep")
        with self.working():
            self.wait(lambda: self.redis.exists(f"job_console_test:{job_id}"))
            self.interrupt(job_id, reason="wrong year")
        self.redis.delete(f"job_console_test:{job_id}")
        shown = console().jobs.show(job_id)
        self.assertIn(f"Stopped by {frappe.session.user}: wrong year", shown["error"]["message"])
        self.assertIn("in write_and_sleep", shown["error"]["traceback"])
        frappe.db.rollback()
        self.assertEqual(frappe.db.get_single_value("Job Console Settings", "secret_names", cache=False), "whole")
        self.assertFalse(self.redis.hexists(keys.ARMED, job_id), "its hooks ran")

    def test_a_worker_that_does_not_fork(self) -> None:
        """Each job in turn is seen, whatever the process has done before; and its end is not the worker's."""
        first, second = self.enqueue(f"{JOBS}.sleep_soundly"), self.enqueue(f"{JOBS}.sleep_soundly")
        with self.working(fork=False):
            for job_id in (first, second):
                self.seen_at(job_id, "sleep_soundly")
                self.interrupt(job_id)
        self.assertEqual([console().jobs.show(each)["status"] for each in (first, second)], ["stopped", "stopped"])

    def test_what_listens_is_only_asked(self) -> None:
        job_id = self.enqueue("job_console.runtime.tests.progress_testing.endless")
        with self.working():
            self.wait(lambda: console().jobs.show(job_id)["progress"])
            (result,) = console().actions.run("stop_gently", [job_id])["results"]
        self.assertTrue(result["ok"], result)
        self.assertIn("It heard the request", result["reason"])

    def test_a_commit_is_not_left_in_the_middle(self) -> None:
        """Interrupted again and again while it commits all the time: what is due after a commit is always done."""
        job_id = self.enqueue(f"{JOBS}.commit_all_the_time")
        with self.working():
            self.wait(lambda: int(self.redis.hget(f"job_console_test:{job_id}", "before") or 0) > 20)
            self.interrupt(job_id)
        counts = {name.decode(): int(count) for name, count in self.redis.hgetall(f"job_console_test:{job_id}").items()}
        self.redis.delete(f"job_console_test:{job_id}")
        self.assertEqual(counts["before"], counts["after"], "as many were begun as were followed up")
