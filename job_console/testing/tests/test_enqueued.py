"""What a test sees of what was enqueued, and what is left of it behind the test."""

import json
import socket
from datetime import datetime, timedelta, timezone
from unittest import TestCase, TestResult

import frappe
from frappe.utils.background_jobs import get_queue, get_redis_conn

import job_console
from job_console.bridge.connection import engine
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.bridge.tests.testing import MANAGER
from job_console.engine.redis import keys
from job_console.testing import Jobs, JobTests
from job_console.testing.tests import shop_testing as shop
from job_console.testing.tests.shop_testing import SHOP

SYNC = f"{SHOP}.sync"


class TestEnqueued(JobTests, PolicyTestCase):
    def test_a_job_is_seen_with_all_that_it_was_made_with(self) -> None:
        shop.submit("C-1", after_commit=False)
        job = self.assert_enqueued(SYNC, customer="C-1", queue="long", timeout=99, user=MANAGER)
        self.assertEqual(dict(job.arguments), {"customer": "C-1"})
        self.assertEqual((job.policy, job.at), (None, None))
        self.assert_enqueued(shop.sync, times=1)
        self.assert_not_enqueued(SYNC, customer="C-2")
        self.assert_not_enqueued(shop.fail)
        with self.assertRaises(TypeError):
            job.arguments["customer"] = "C-9"  # type: ignore[index]

    def test_what_failed_to_come_is_said_with_what_came(self) -> None:
        shop.submit("C-1", after_commit=False)
        shop.submit("C-2")
        for wrong in (
            lambda: self.assert_enqueued(SYNC, customer="C-3"),
            lambda: self.assert_enqueued(SYNC, queue="short"),
            lambda: self.assert_enqueued(SYNC, timeout=1),
            lambda: self.assert_enqueued(SYNC, user="nobody@example.com"),
            lambda: self.assert_enqueued(SYNC, policy="a policy"),
            lambda: self.assert_enqueued(SYNC, times=2),
            lambda: self.assert_enqueued(SYNC, unknown=None),
            lambda: self.assert_not_enqueued(SYNC),
        ):
            with self.assertRaises(AssertionError) as failed:
                wrong()
            self.assertIn("sync(customer='C-1') in long", str(failed.exception))
            self.assertIn("wait for the commit", str(failed.exception))

    def test_what_waits_for_the_commit_is_there_from_then_on(self) -> None:
        shop.submit("C-1")
        job_console.enqueue(SYNC, enqueue_after_commit=True, customer="C-2")
        self.assertEqual(self.enqueued, ())
        self.committed()
        self.assertEqual([job.arguments["customer"] for job in self.enqueued], ["C-1", "C-2"])
        self.committed()
        self.assertEqual(len(self.enqueued), 2)

    def test_a_rollback_leaves_nothing_to_enqueue(self) -> None:
        shop.submit("C-1")
        frappe.db.rollback()
        self.committed()
        self.assert_not_enqueued(SYNC)

    def test_every_way_to_enqueue_is_seen_in_order(self) -> None:
        todo = frappe.get_doc({"doctype": "ToDo", "description": "shop:doc"}).insert()
        frappe.enqueue_doc("ToDo", todo.name, "get_title", queue="short")
        get_queue("short").enqueue_call(f"{SHOP}.plain", kwargs={"text": "raw"})
        due = datetime.now(timezone.utc) + timedelta(hours=1)
        get_queue("short").enqueue_at(due, f"{SHOP}.plain", "later")
        job_console.enqueue(SYNC, customer="C-1")
        self.assertEqual([job.method for job in self.enqueued], ["ToDo.get_title", *[f"{SHOP}.plain"] * 2, SYNC])
        self.assert_enqueued(f"{SHOP}.plain", at=due)
        self.assert_enqueued(f"{SHOP}.plain", text="raw", times=1)

    def test_a_policy_is_obeyed_and_named(self) -> None:
        named = self.make(method=SYNC, queue="long", timeout=77, unique_key="sync:{customer}").name
        shop.submit("C-1", after_commit=False)
        shop.submit("C-1", after_commit=False)
        self.assert_enqueued(SYNC, customer="C-1", timeout=77, policy=named, times=1)
        shop.submit("C-2", after_commit=False)
        self.assert_enqueued(SYNC, times=2)

    def test_frappes_own_deduplication_sees_them(self) -> None:
        for _time in range(2):
            frappe.enqueue(SYNC, job_id="shop-sync", deduplicate=True, customer="C-1")
        self.assert_enqueued(SYNC, times=1)


class TestAfterwards(PolicyTestCase):
    def test_nothing_is_left_in_redis(self) -> None:
        before = set(self.redis.scan_iter(count=1000))
        with Jobs() as jobs:
            of_tests = jobs.redis
            self.assertIsNot(of_tests, self.redis)
            shop.submit("C-1", after_commit=False)
            job_console.enqueue(shop.locked)
            jobs.run_enqueued()
            self.assertGreater(of_tests.dbsize(), 3)
            written = set(self.redis.scan_iter(count=1000)) - before
        self.assertEqual({key for key in written if b"C-1" in key or SHOP.encode() in key}, set())
        self.assertEqual(of_tests.dbsize(), 0)
        number = self.redis.connection_pool.connection_kwargs.get("db", 0)
        for connection in (get_redis_conn(), engine().redis):
            self.assertEqual(connection.connection_pool.connection_kwargs.get("db", 0), number)

    def test_a_database_that_somebody_uses_is_left_alone(self) -> None:
        with Jobs() as one, Jobs() as other:
            mine, theirs = (each.redis.connection_pool.connection_kwargs["db"] for each in (one, other))
            self.assertNotEqual(mine, theirs)
            shop.submit("C-1", after_commit=False)
            self.assertEqual((len(one.lanes()), len(other.lanes())), (0, 1))

    def test_one_whose_owner_has_died_is_emptied_and_taken(self) -> None:
        with Jobs() as jobs:
            redis = jobs.redis
            number = redis.connection_pool.connection_kwargs["db"]
        redis.set(keys.own("test_owner"), json.dumps({"host": socket.gethostname(), "pid": 99_999_999}))
        redis.set("left", 1)
        with Jobs() as jobs:
            self.assertEqual(jobs.redis.connection_pool.connection_kwargs["db"], number)
            self.assertFalse(jobs.redis.exists("left"))

    def test_a_test_that_fails_says_what_its_job_said(self) -> None:
        """The traceback of the test is that of the job."""

        class Failing(JobTests, TestCase):
            def test(self) -> None:
                frappe.enqueue(shop.fail, queue="short")
                self.run_enqueued()

        result = TestResult()
        Failing("test").run(result)
        ((_test, traceback),) = result.errors
        self.assertIn("in fail\n", traceback)
        self.assertIn("ValueError: this one fails, on purpose", traceback)
