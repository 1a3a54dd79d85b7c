"""Enqueued jobs run in the process of the test, as production would run them."""

from datetime import timedelta
from unittest.mock import patch

import frappe
from frappe.utils import get_datetime, now_datetime
from frappe.utils.background_jobs import get_queue

import job_console
from job_console.bridge.schedule.schedule import RECORD
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.bridge.tests.testing import CLERK, MANAGER
from job_console.engine.errors import LockTimeout
from job_console.testing import JobTests, at_once, jobs
from job_console.testing.tests import shop_testing as shop
from job_console.testing.tests.shop_testing import KEY, SHOP


class RunningTestCase(JobTests, PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        shop.forget()
        frappe.db.commit()
        self.addCleanup(self.forget_notes)

    def forget_notes(self) -> None:
        frappe.db.rollback()
        frappe.db.delete("Job Once Key", {"key": ("like", f"{KEY}%")})
        shop.forget()
        frappe.db.commit()


class TestRunning(RunningTestCase):
    def test_jobs_run_in_order_with_what_they_enqueue(self) -> None:
        frappe.enqueue(shop.first, queue="default")
        frappe.enqueue(shop.sync, queue="short", customer="C-1")
        ran = self.run_enqueued()
        self.assertEqual([each.job.method.rpartition(".")[2] for each in ran], ["first", "sync", "sync", "plain"])
        self.assertEqual([each.result for each in ran], [None, "synced C-1", "synced second", "third"])
        self.assertEqual({each.status for each in ran}, {"finished"})
        self.assertEqual(shop.notes()[0], "shop:C-1 by " + MANAGER)
        self.assertNotIn("shop:third", shop.notes(), "nobody has committed it")
        self.assertEqual(self.run_enqueued(), ())

    def test_one_method_alone(self) -> None:
        frappe.enqueue(shop.first, queue="short")
        frappe.enqueue(shop.sync, queue="short", customer="C-1")
        self.assertEqual([each.result for each in self.run_enqueued(shop.sync)], ["synced C-1"])
        self.assertEqual(shop.notes(), [f"shop:C-1 by {MANAGER}"])

    def test_a_job_sees_what_the_test_has_not_committed_and_all_of_it_is_undone(self) -> None:
        shop.note("shop:of the test")
        frappe.enqueue(shop.fail_at_first, queue="short", name="shop:of the test")
        with self.assertRaises(ConnectionError):
            self.run_enqueued()
        self.assertEqual(len(shop.notes()), 2, "what it has committed stays when it fails")
        frappe.db.rollback()
        self.assertEqual(shop.notes(), [])

    def test_it_runs_as_who_enqueued_it(self) -> None:
        with self.user(CLERK):
            frappe.enqueue(shop.sync, queue="short", customer="C-1")
        self.run_enqueued()
        self.assertEqual(shop.notes(), [f"shop:C-1 by {CLERK}"])
        self.assertEqual(frappe.session.user, MANAGER)

    def test_a_failing_job_raises_what_it_raised_and_its_work_is_undone(self) -> None:
        shop.note("shop:of the test")
        frappe.enqueue(shop.fail, queue="short")
        with self.assertRaisesRegex(ValueError, "on purpose"):
            self.run_enqueued()
        self.assertEqual(shop.notes(), ["shop:of the test"])

    def test_the_tests_own_callbacks_wait_for_its_own_commit(self) -> None:
        shop.submit("C-1")
        frappe.enqueue(shop.rebuild, queue="short", count=3)
        self.run_enqueued()
        self.assertEqual(shop.notes(), ["shop:00", "shop:01", "shop:02"])
        self.committed()
        self.run_enqueued()
        self.assertEqual(len(shop.notes()), 4)

    def test_a_lock_of_the_test_is_one(self) -> None:
        frappe.enqueue(shop.locked, queue="short")
        with job_console.lock(KEY, until="exit"), self.assertRaises(LockTimeout):
            self.run_enqueued()
        frappe.enqueue(shop.locked, queue="short")
        self.assertEqual(self.run_enqueued()[0].result, "held")

    def test_a_lock_in_a_job_does_not_end_the_tests_transaction(self) -> None:
        shop.note("shop:of the test")
        frappe.enqueue(shop.locked, queue="short")
        self.run_enqueued()
        with job_console.lock(KEY, until="exit"):
            pass
        self.assertEqual(shop.notes(), ["shop:of the test"])

    def test_once_is_once(self) -> None:
        for _time in range(2):
            frappe.enqueue(shop.pay, queue="short", order="O-1")
        self.run_enqueued()
        self.assertEqual(shop.notes(), ["shop:paid O-1"])

    def test_run_again_in_place_it_stays_in_the_tests_transaction(self) -> None:
        shop.note("shop:of the test")
        frappe.enqueue(shop.again_in_place, queue="short", mark=f"{KEY}:{frappe.generate_hash()}")
        self.run_enqueued()
        self.assertEqual(shop.notes(), ["shop:in place by Administrator", "shop:of the test"])
        self.assertEqual(frappe.session.user, MANAGER)

    def test_jobs_without_an_end_are_noticed(self) -> None:
        frappe.enqueue(shop.endless, queue="short")
        with patch.object(jobs, "MOST_RUNS", 5), self.assertRaisesRegex(AssertionError, "there are still more"):
            self.run_enqueued()


class TestTime(RunningTestCase):
    def test_a_retry_runs_when_it_is_due(self) -> None:
        self.make(method=f"{SHOP}.fail_at_first", attempts=3, backoff="List of Delays", delays="60, 600", jitter=0)
        frappe.enqueue(shop.fail_at_first, queue="short", name="A")
        (ran,) = self.run_enqueued()
        self.assertEqual((ran.status, type(ran.error)), ("scheduled", ConnectionError))
        self.assertEqual(self.run_enqueued(), ())
        self.travel(minutes=2)
        (ran,) = self.run_enqueued()
        self.assertEqual(ran.status, "scheduled")
        self.travel(minutes=5)
        self.assertEqual(self.run_enqueued(), (), "the second delay begins with the second failure")
        self.travel(minutes=6)
        (ran,) = self.run_enqueued()
        self.assertEqual((ran.status, ran.result), ("finished", "done"))

    def test_out_of_attempts_it_fails_the_test(self) -> None:
        self.make(method=f"{SHOP}.fail", attempts=2, backoff="List of Delays", delays="60", jitter=0)
        frappe.enqueue(shop.fail, queue="short")
        self.run_enqueued()
        self.travel(minutes=2)
        with self.assertRaisesRegex(ValueError, "on purpose"):
            self.run_enqueued()

    def test_what_was_enqueued_for_later_runs_then(self) -> None:
        get_queue("short").enqueue_in(timedelta(hours=1), f"{SHOP}.plain", text="later")
        self.assertEqual(self.run_enqueued(), ())
        self.travel(minutes=61)
        self.assertEqual([each.result for each in self.run_enqueued()], ["later"])

    def schedule(self, name: str) -> str:
        method = f"{SHOP}.{name}"
        record = {"doctype": RECORD, "method": method, "frequency": "Cron", "cron_format": "0 3 * * *"}
        frappe.get_doc(record).insert(ignore_permissions=True)
        frappe.db.set_value(RECORD, {"method": method}, "last_execution", now_datetime())
        return method

    def test_a_schedule_is_enqueued_when_it_is_due_and_once(self) -> None:
        method = self.schedule("nightly")
        self.assertEqual(self.tick(method), ())
        for nights in (1, 2):
            self.travel(days=1)
            (job,) = self.tick(method)
            self.assertEqual(job.method, method)
            self.assertEqual(self.tick(method), (), "it waits already")
            self.run_enqueued()
            self.assertEqual(self.tick(method), (), "it has run")
            self.assertEqual(shop.notes(), ["shop:nightly"] * nights)
        self.assertGreater(
            get_datetime(frappe.db.get_value(RECORD, {"method": method}, "last_execution")), now_datetime()
        )

    def test_a_scheduled_job_whose_failure_frappe_hides_fails_the_test(self) -> None:
        method = self.schedule("nightly_fails")
        self.travel(days=1)
        self.tick(method)
        with self.assertRaisesRegex(ValueError, "in the night"):
            self.run_enqueued()


class TestChaos(RunningTestCase):
    def test_a_job_in_chunks_goes_on_with_the_same_result(self) -> None:
        shop.note("shop:of the test")
        frappe.enqueue(shop.rebuild, queue="short", count=7)
        job = self.assert_enqueued(shop.rebuild)
        kills = self.chaos(job, shop.notes)
        self.assertGreaterEqual(len(kills), 2 * 5)
        self.assertEqual(shop.notes(), ["shop:of the test"], "all of it is undone")
        self.run_enqueued()
        self.assertEqual(len(shop.notes()), 8, "the job still waits")

    def test_one_that_begins_again_is_found_out(self) -> None:
        frappe.enqueue(shop.rebuild_carelessly, queue="short", count=4)
        with self.assertRaisesRegex(AssertionError, "Killed after commit 1 of 3 and run again, .*another result"):
            self.chaos(self.enqueued[0], shop.notes)
        self.assertEqual(shop.notes(), [])

    def test_one_that_fails_anyway_fails_the_test(self) -> None:
        frappe.enqueue(shop.fail, queue="short")
        with self.assertRaisesRegex(ValueError, "on purpose"):
            self.chaos(self.enqueued[0], shop.notes)


class TestAtOnce(RunningTestCase):
    def twice(self, method: str) -> list[str]:
        frappe.db.commit()
        for _time in range(2):
            frappe.enqueue(f"{SHOP}.{method}", queue="short", order="O-1")
        self.ran = self.run_at_once(*self.enqueued)
        return shop.notes()

    def test_work_that_is_done_once_is_done_once(self) -> None:
        self.assertEqual(self.twice("pay"), ["shop:paid O-1"])

    def test_who_waits_for_the_others_lock_is_not_waited_for(self) -> None:
        with patch.object(at_once, "_PATIENCE_S", 1e9):
            self.assertEqual(self.twice("pay_in_turn"), ["shop:paid O-1"])
        self.assertEqual([ran.status for ran in self.ran], ["finished"] * 2)

    def test_a_race_is_lost_each_time(self) -> None:
        notes = self.twice("pay_carelessly")
        # SQLite refuses the second writer; other databases let it do the same again.
        refused = [ran for ran in self.ran if ran.status == "failed"]
        self.assertEqual(len(notes) + len(refused), 2, self.ran)
        if frappe.db.db_type != "sqlite":
            self.assertEqual(len(notes), 2)

    def test_one_job_put_back_while_it_runs_does_not_do_its_chunks_twice(self) -> None:
        frappe.db.commit()
        frappe.enqueue(shop.rebuild, queue="short", count=5)
        self.run_twice_at_once(self.enqueued[0])
        self.assertEqual(shop.notes(), [f"shop:{item:02}" for item in range(5)])

    def test_what_is_not_committed_nobody_else_sees(self) -> None:
        shop.note("shop:of the test")
        frappe.enqueue(shop.pay, queue="short", order="O-1")
        with self.assertRaisesRegex(AssertionError, "commit what the test has written"):
            self.run_twice_at_once(self.enqueued[0])
