"""`job_console.lock` on a real site: names, forms, and in step with the transaction."""

import os
import signal
import time
from unittest.mock import patch

import frappe

import job_console
from job_console.bridge.connection import engine
from job_console.bridge.tests.testing import SiteTestCase
from job_console.bridge.tests.workers_testing import BurstWorker
from job_console.engine.errors import BadRequest, LockLost, LockTimeout
from job_console.engine.jobs import lock_actions
from job_console.engine.locks import steps
from job_console.engine.locks.heartbeat import HEARTBEAT
from job_console.engine.locks.lease import forget_all
from job_console.engine.redis import keys
from job_console.engine.rq.records import text
from job_console.runtime.tests import locks_testing
from job_console.runtime.tests.locks_testing import KEY, PID, read, write
from job_console.runtime.transactions import writes


class LockTestCase(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.name = f"{frappe.local.site}|{KEY}"
        self.forget()
        writes.listen()  # as a worker does before its job; from later on, what was written and committed is in doubt
        write("")
        frappe.db.commit()
        self.addCleanup(self.forget)

    def forget(self) -> None:
        frappe.db.rollback()
        HEARTBEAT.stop()
        forget_all()
        engine().redis.delete(keys.lock(self.name))

    def taken_elsewhere(self) -> bool:
        """Whether somebody else could not have it now."""
        with patch("job_console.runtime.locks.lock._owner", return_value="somebody else"):
            try:
                with job_console.lock(KEY, wait=0, until="exit", fresh=False):
                    return False
            except LockTimeout:
                return True

    def lose(self) -> None:
        lock_actions.release(engine().redis, None, "tester", self.name, "a test")


class TestForms(LockTestCase):
    def test_a_block(self) -> None:
        with job_console.lock(KEY) as lock:
            self.assertTrue(lock.held)
            self.assertGreater(lock.token, 0)
            self.assertTrue(self.taken_elsewhere())
        self.assertFalse(self.taken_elsewhere())

    def test_a_decorator_fills_the_key_from_the_arguments(self) -> None:
        seen: list[str | None] = []

        @job_console.lock("test:{customer}:{options[year]}")
        def work(customer: str, options: dict | None = None) -> str:
            seen.extend(text(key) for key in engine().redis.zrange(keys.LOCKS, 0, -1))
            return customer

        self.assertEqual(work("C-1", options={"year": 2026}), "C-1")
        self.assertIn(f"{frappe.local.site}|test:C-1:2026", seen)

    def test_a_misspelt_argument_is_found_when_the_function_is_defined(self) -> None:
        with self.assertRaises(BadRequest):

            @job_console.lock("test:{costumer}")
            def work(customer: str) -> None: ...

    def test_sites_do_not_meet_unless_it_is_bench_wide(self) -> None:
        here = frappe.local.site
        with job_console.lock(KEY), job_console.lock(KEY, bench_wide=True):
            frappe.local.site = "other.example"
            try:
                self.assertFalse(self.taken_elsewhere())
                with (
                    patch("job_console.runtime.locks.lock._owner", return_value="somebody else"),
                    self.assertRaises(LockTimeout),
                    job_console.lock(KEY, bench_wide=True, wait=0),
                ):
                    pass
            finally:
                frappe.local.site = here

    def test_the_error_names_who_has_it(self) -> None:
        with (
            job_console.lock(KEY),
            patch("job_console.runtime.locks.lock._owner", return_value="somebody else"),
            self.assertRaises(LockTimeout) as caught,
            job_console.lock(KEY, wait=0),
        ):
            pass
        (holder,) = caught.exception.holders
        self.assertEqual((holder.who.user, holder.who.pid), (frappe.session.user, os.getpid()))
        self.assertIn(frappe.session.user, str(caught.exception))

    def test_the_error_names_nobody_of_another_site(self) -> None:
        here = frappe.local.site
        frappe.local.site = "other.example"
        try:
            lock = job_console.lock(KEY, bench_wide=True, until="exit", fresh=False).acquire()
        finally:
            frappe.local.site = here
        try:
            with (
                patch("job_console.runtime.locks.lock._owner", return_value="somebody else"),
                self.assertRaises(LockTimeout) as caught,
                job_console.lock(KEY, bench_wide=True, wait=0),
            ):
                pass
        finally:
            lock.release()
        self.assertIn("another site", str(caught.exception))
        self.assertNotIn("other.example", frappe.as_json([str(each.who) for each in caught.exception.holders]))
        self.assertNotIn(frappe.session.user, str(caught.exception))

    def test_again_inside_when_asked_for(self) -> None:
        with job_console.lock(KEY, reentrant=True) as outer:
            with job_console.lock(KEY, reentrant=True) as inner:
                self.assertEqual(inner.token, outer.token)
            frappe.db.commit()
            self.assertTrue(self.taken_elsewhere())


class TestTransaction(LockTestCase):
    def test_kept_until_what_was_written_is_committed(self) -> None:
        with job_console.lock(KEY):
            write("one")
        self.assertTrue(self.taken_elsewhere(), "nobody may read before it is committed")
        frappe.db.commit()
        self.assertFalse(self.taken_elsewhere())
        self.assertEqual(read(), "one")

    def test_kept_until_it_is_rolled_back(self) -> None:
        with job_console.lock(KEY):
            write("one")
        frappe.db.rollback()
        self.assertFalse(self.taken_elsewhere())
        self.assertEqual(read(), "")

    def test_kept_also_when_the_block_failed_because_somebody_may_commit_yet(self) -> None:
        with self.assertRaises(ValueError), job_console.lock(KEY):
            write("one")
            raise ValueError
        self.assertTrue(self.taken_elsewhere())
        frappe.db.rollback()
        self.assertFalse(self.taken_elsewhere())

    def test_nothing_written_nothing_kept(self) -> None:
        with job_console.lock(KEY):
            read()
        self.assertFalse(self.taken_elsewhere())

    def test_until_exit(self) -> None:
        with job_console.lock(KEY, until="exit"):
            write("one")
        self.assertFalse(self.taken_elsewhere())

    def test_taken_again_before_the_commit(self) -> None:
        tokens = set()
        for value in ("one", "two", "three"):
            with job_console.lock(KEY, wait=0) as lock:
                write(value)
                tokens.add(lock.token)
        self.assertEqual(len(tokens), 1)
        frappe.db.commit()
        self.assertFalse(self.taken_elsewhere())

    def test_what_is_not_held_is_not_committed(self) -> None:
        with self.assertRaises(LockLost), job_console.lock(KEY):
            write("one")
            self.lose()
            frappe.db.commit()
        self.assertEqual(read(), "")

    def test_nor_after_the_block(self) -> None:
        with job_console.lock(KEY):
            write("one")
        self.lose()
        with self.assertRaises(LockLost):
            frappe.db.commit()
        self.assertEqual(read(), "")
        write("two")
        frappe.db.commit()
        self.assertEqual(read(), "two")

    def test_nor_by_a_second_try_inside_the_block(self) -> None:
        with self.assertRaises(LockLost), job_console.lock(KEY):
            self.lose()
            for _ in range(3):
                write("one")
                with self.assertRaises(LockLost):
                    frappe.db.commit()
        self.assertEqual(read(), "")

    def test_every_commit_of_a_block_is_checked(self) -> None:
        with self.assertRaises(LockLost), job_console.lock(KEY):
            write("one")
            frappe.db.commit()
            write("two")
            frappe.db.rollback()
            write("three")
            frappe.db.commit()
            self.lose()
            write("four")
            frappe.db.commit()
        self.assertEqual(read(), "three")

    def test_others_callbacks_are_left_alone(self) -> None:
        called = []
        frappe.db.after_commit.add(lambda: called.append("after"))
        with job_console.lock(KEY):
            write("one")
        frappe.db.commit()
        self.assertEqual(called, ["after"])

    def test_a_closed_connection_keeps_nothing(self) -> None:
        """As a GET request that failed: neither committed nor rolled back."""
        with job_console.lock(KEY, ttl=0.6):
            write("one")
        connection, frappe.db._conn = frappe.db._conn, None
        try:
            self.wait(lambda: not self.taken_elsewhere())
        finally:
            frappe.db._conn = connection

    def test_without_redis_nothing_is_proven_and_nothing_committed(self) -> None:
        from redis.exceptions import ConnectionError as RedisConnectionError

        from job_console.engine.errors import RedisUnavailable

        with job_console.lock(KEY):
            write("one")
            with (
                patch.object(steps, "_run", side_effect=RedisConnectionError("cut")),
                self.assertRaises(RedisUnavailable),
            ):
                frappe.db.commit()
            self.assertEqual(read(), "")


class TestJobs(LockTestCase):
    def start(self, method: str, **kwargs) -> tuple[str, BurstWorker]:
        job_id = self.enqueue(f"{locks_testing.__name__}.{method}", **kwargs)
        worker = BurstWorker("short")
        self.addCleanup(worker.kill)
        return job_id, worker

    def test_a_job_that_stalled_beyond_its_lease_rolls_back_instead_of_committing_over_its_successor(self) -> None:
        engine().redis.delete(PID)
        job_id, worker = self.start("stall_and_write", value="of the stalled one", ttl=1.0)
        deadline = time.monotonic() + 300
        while not (pid := engine().redis.get(PID)):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        # SQLite itself refuses to write over what was committed since one's first read: there the successor only reads.
        work = "" if frappe.db.db_type == "sqlite" else "of the successor"
        try:
            with job_console.lock(KEY, wait=20):
                if work:
                    write(work)
                frappe.db.commit()
        finally:
            os.kill(int(pid), signal.SIGCONT)
        worker.wait()
        frappe.db.rollback()
        self.assertEqual(read(), work)
        job = engine().reader.read([job_id])[0]
        self.assertEqual((job.status, job.error.type.rpartition(".")[2]), ("failed", "LockLost"))

    def test_what_was_read_before_the_lock_is_read_again_within_it(self) -> None:
        """Also what Frappe keeps of it in memory: up to 16 it does so beyond a commit."""
        write("before")
        frappe.db.commit()
        asked = ("Job Console Settings", "secret_names")
        self.assertEqual(frappe.db.get_single_value(*asked, cache=True), "before")
        changed = "update `tabSingles` set value = 'after' where doctype = %s and field = %s"
        frappe.db.sql(changed, asked)  # as another process does
        frappe.db.commit()
        with job_console.lock(KEY, wait=20):
            self.assertEqual(frappe.db.get_single_value(*asked, cache=True), "after")

    def test_jobs_that_read_and_write_lose_nothing(self) -> None:
        """Each reads what the one before has committed, though its own transaction began earlier."""
        for letter in "abcdef":  # on PostgreSQL, Frappe stores a setting of "0" as "false"
            self.enqueue(f"{locks_testing.__name__}.append", value=letter)
        for worker in [BurstWorker("short"), BurstWorker("short")]:
            worker.wait()
        frappe.db.rollback()
        self.assertEqual(sorted(read()), list("abcdef"))
