"""Policies are obeyed around jobs that Frappe itself enqueued, by real workers."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import frappe
from frappe.installer import update_site_config

import job_console
from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.engine.errors import LockTimeout
from job_console.engine.history import failures_log
from job_console.engine.redis import keys

TESTING = "job_console.bridge.tests.testing"
SLEEP, UNTIL, ADD = f"{TESTING}.sleep", f"{TESTING}.until", f"{TESTING}.add"
#: What the job waits for.
GO = "job_console_test:go"


class TestLock(PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.redis.delete(GO, keys.HOOK_FAILURES, keys.failures(keys.failing(frappe.local.site, SLEEP)))

    def test_a_job_holds_its_lock_while_it_runs(self) -> None:
        self.make(method=UNTIL, lock_key="bed:{name}")
        job_id = self.enqueue(UNTIL, key=GO, name="B-1")
        self.addCleanup(self.redis.delete, GO)
        working = threading.Thread(target=self.work)
        working.start()
        try:
            held = self.wait(lambda: [each for each in api.locks()["locks"] if each["key"].endswith("|bed:B-1")])
            holder = held[0]["holder"]
            self.assertEqual((holder["job_id"], holder["method"]), (job_id, UNTIL))
            with self.assertRaises(LockTimeout):
                job_console.lock("bed:B-1", wait=0).acquire()
            job_console.lock("bed:B-2", wait=0).acquire().release()
        finally:
            self.redis.set(GO, 1)
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
        (failed,) = failures_log.of_method(self.redis, frappe.local.site, SLEEP)
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


class TestPlaces(PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.redis.delete(GO, keys.HOOK_FAILURES, keys.failures(keys.failing(frappe.local.site, UNTIL)))

    def test_the_surplus_waits_in_line_without_a_worker(self) -> None:
        self.make(method=UNTIL, max_runs=1, attempts=2)
        errors = frappe.db.count("Error Log")
        runs = self.enqueue(UNTIL, key=GO)
        self.addCleanup(self.redis.delete, GO)
        with self.working():
            self.wait(lambda: self.redis.hget(keys.job(runs), "status") == b"started")
            waits, other = self.enqueue(UNTIL, key=GO), self.enqueue(f"{TESTING}.nothing")
            self.work()
            engine().watch.forget()
            self.assertEqual(api.show(other)["status"], "finished")
            shown = api.show(waits)
            self.assertEqual((shown["status"], shown["progress"]["parked"]["until"]), ("scheduled", "place"))
            (reported, *_rest) = api.explain(waits)["because"]
            self.assertIn(f"It waits for a place: 1 of 1 running. {UNTIL} has one", reported)
            self.redis.set(GO, 1)
            self.wait(lambda: self.redis.hget(keys.job(runs), "status") == b"finished")
        self.work()
        engine().watch.forget()
        shown = api.show(waits)
        self.assertEqual((shown["status"], shown["attempt"], shown["tries"]), ("finished", 1, None))
        self.assertEqual(failures_log.of_method(self.redis, frappe.local.site, UNTIL), [])
        frappe.db.rollback()
        self.assertEqual(frappe.db.count("Error Log"), errors)
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))

    def test_a_site_takes_no_more_of_a_lane_than_the_bench_lets_it(self) -> None:
        """Whatever the methods are, and without any policy; so a worker is left for the other sites."""
        with self.configured(job_console_site_limits={"short": 1}):
            runs = self.enqueue(UNTIL, key=GO)
            self.addCleanup(self.redis.delete, GO)
            with self.working():
                self.wait(lambda: self.redis.hget(keys.job(runs), "status") == b"started")
                waits, other = self.enqueue(f"{TESTING}.nothing"), self.enqueue(f"{TESTING}.nothing", queue="long")
                self.work()
                self.work("long")
                engine().watch.forget()
                self.assertEqual(api.show(other)["status"], "finished")
                self.assertEqual(api.show(waits)["status"], "scheduled")
                (reported, *_rest) = api.explain(waits)["because"]
                self.assertIn(f"1 of 1 of this site's jobs in short running. {UNTIL} has one", reported)
                self.redis.set(GO, 1)
                self.wait(lambda: self.redis.hget(keys.job(runs), "status") == b"finished")
            self.work()
        engine().watch.forget()
        self.assertEqual(api.show(waits)["status"], "finished")
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))

    @contextmanager
    def configured(self, **said: object) -> Iterator[None]:
        """Said in the site's configuration, which goes before the bench's."""
        for name, value in said.items():
            update_site_config(name, value)
        try:
            yield
        finally:
            for name in said:
                update_site_config(name, "None")

    def test_a_run_that_fails_gives_its_place_to_the_next(self) -> None:
        self.make(match_by="Pattern", pattern=f"{TESTING}.*", max_runs=1, runs_per="Key", runs_key="bed")
        jobs = [self.enqueue(f"{TESTING}.{name}", **more) for name, more in WORK]
        self.work()
        ended = [api.show(job_id)["status"] for job_id in jobs]
        self.assertEqual((ended[0], ended[-1]), ("failed", "finished"))
        self.assertNotIn("scheduled", ended)
        self.assertEqual(self.redis.zcard(keys.place(f"{frappe.local.site}:key:bed")), 0)
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))


WORK: Sequence[tuple[str, dict[str, Any]]] = (
    ("fail", {}),
    ("retried", {"name": frappe.generate_hash()}),
    ("nothing", {}),
)
