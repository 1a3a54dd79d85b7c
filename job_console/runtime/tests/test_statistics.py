"""What the hooks count of real jobs, run by a real worker: how they ended, what they are called, how long it took."""

import time
from datetime import datetime, timezone
from unittest.mock import patch
from uuid import uuid4

import frappe
from frappe.model.document import Document
from frappe.utils.background_jobs import generate_qname

from job_console.bridge.tests.testing import SiteTestCase
from job_console.engine.history import failures_log, statistics
from job_console.engine.models.bench import Usual
from job_console.engine.redis import keys
from job_console.runtime.run import hooks

TESTING = "job_console.bridge.tests.testing"


def failures_of(method: str) -> str:
    return keys.failures(keys.failing(frappe.local.site, method))


class TestStatistics(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        for key in self.redis.scan_iter(keys.OURS + "stats:*", count=1000):
            self.redis.delete(key)
        for name in ("fail", "fail_without_errors", "retried", "always_deadlocked"):
            self.redis.delete(failures_of(f"{TESTING}.{name}"))
        self.redis.delete(keys.HOOK_FAILURES)

    def usual(self, method: str) -> Usual:
        return statistics.usual(self.redis, [method], datetime.now(timezone.utc))[method]

    def assert_no_hook_failed(self) -> None:
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))

    def test_a_job_that_ends_well(self) -> None:
        self.enqueue(f"{TESTING}.sleep", seconds=0.5)
        time.sleep(1)
        self.work()
        usual = self.usual(f"{TESTING}.sleep")
        self.assertEqual((usual.runs, usual.failed), (1, 0))
        self.assertTrue(0.5 <= usual.median_s < 10, usual)
        self.assertTrue(1 <= usual.wait_median_s < 30, usual)
        self.assert_no_hook_failed()

    def test_a_job_that_fails_is_remembered(self) -> None:
        job_id = self.enqueue(f"{TESTING}.fail")
        self.work()
        usual = self.usual(f"{TESTING}.fail")
        self.assertEqual((usual.runs, usual.failed, usual.median_s), (0, 1, None))
        (failed,) = failures_log.of_method(self.redis, frappe.local.site, f"{TESTING}.fail")
        self.assertEqual((failed.job_id, failed.type, failed.site), (job_id, "ValueError", frappe.local.site))
        self.assertEqual(failed.message, "this one fails, on purpose")
        self.assertEqual(failed.queue, generate_qname("short"))
        self.assert_no_hook_failed()

    def test_an_exception_that_is_false_is_a_failure_too(self) -> None:
        self.enqueue(f"{TESTING}.fail_without_errors")
        self.work()
        usual = self.usual(f"{TESTING}.fail_without_errors")
        self.assertEqual((usual.runs, usual.failed), (0, 1))
        self.assert_no_hook_failed()

    def test_a_job_that_runs_out_of_time(self) -> None:
        self.enqueue(f"{TESTING}.sleep", seconds=60, timeout=5)  # long enough for the job to begin
        self.work()
        self.assertEqual(self.usual(f"{TESTING}.sleep").failed, 1)
        failed = failures_log.of_method(self.redis, frappe.local.site, f"{TESTING}.sleep")[0]
        self.assertEqual(failed.type, "JobTimeoutException")

    def test_a_method_is_counted_under_the_name_that_the_page_shows(self) -> None:
        from job_console.bridge.tests.testing import add

        self.enqueue(add, one=1, other=2)
        self.enqueue(f"{TESTING}.add", one=1, other=2)
        self.enqueue("frappe.utils.background_jobs.run_doc_method", doctype="ToDo", name="none", doc_method="as_dict")
        self.work()
        self.assertEqual(self.usual(f"{TESTING}.add").runs, 2)
        self.assertEqual(self.usual("ToDo.as_dict").failed, 1)

    def test_a_job_that_frappe_runs_again_in_place_counts_once_and_as_it_ended(self) -> None:
        self.enqueue(f"{TESTING}.retried", name=uuid4().hex)
        self.work()
        usual = self.usual(f"{TESTING}.retried")
        self.assertEqual((usual.runs, usual.failed), (1, 0))
        self.assertEqual(failures_log.of_method(self.redis, frappe.local.site, f"{TESTING}.retried"), [])
        self.assert_no_hook_failed()

    def test_a_scheduled_job_that_fails_is_counted_though_it_looks_well(self) -> None:
        for frequency, cron in (("Cron", "0 0 1 1 *"), ("Daily", None)):  # without and with a log
            with self.subTest(frequency):
                self.redis.delete(failures_of(f"{TESTING}.fail"))
                job_id = self._run_schedule("fail", frequency, cron)
                self.assertEqual(self.redis.hget(keys.job(job_id), "status"), b"finished")
                (failed,) = failures_log.of_method(self.redis, frappe.local.site, f"{TESTING}.fail")
                self.assertEqual((failed.job_id, failed.type), (job_id, "ValueError"))
        self.assertEqual(self.usual(f"{TESTING}.fail").failed, 2)
        self.assert_no_hook_failed()

    def test_a_scheduled_job_that_ends_well(self) -> None:
        self._run_schedule("nothing", "Daily", None)
        usual = self.usual(f"{TESTING}.nothing")
        self.assertEqual((usual.runs, usual.failed), (1, 0))

    def test_what_fails_in_counting_is_counted_and_the_page_is_notified_all_the_same(self) -> None:
        with (
            patch("job_console.runtime.run.outcome.end", side_effect=RuntimeError),
            patch("job_console.runtime.run.hooks.realtime.ask") as reported,
            patch("job_console.runtime.run.hooks.get_current_job") as job,
        ):
            job.return_value.connection, job.return_value.id = self.redis, "x"
            hooks.after_job("x", {})
        self.assertEqual(reported.call_count, 1)
        self.assertEqual(int(self.redis.get(keys.HOOK_FAILURES)), 1)

    def _run_schedule(self, method: str, frequency: str, cron: str | None) -> str:
        """A real Scheduled Job Type, enqueued as the scheduler's tick does it, run by a real worker; its job's id."""
        record = frappe.get_doc(
            {
                "doctype": "Scheduled Job Type",
                "method": f"{TESTING}.{method}",
                "frequency": frequency,
                "cron_format": cron,
            }
        ).insert(ignore_permissions=True)
        frappe.db.commit()
        try:
            return self._run_once(record, "default" if frequency in ("Cron", "Daily") else "long")
        finally:  # at once: Frappe 15 allows one record for a method
            self._forget_schedule(record.name)

    def _run_once(self, record: Document, queue: str) -> str:
        record.enqueue(force=True)
        job_id = f"{frappe.local.site}||{record.rq_job_id}" if "||" in record.rq_job_id else record.rq_job_id
        for candidate in (job_id, f"{frappe.local.site}::{record.rq_job_id}"):
            if self.redis.exists(keys.job(candidate)):
                job_id = candidate
        self.made.append(job_id)
        self.work(queue)
        return job_id

    def _forget_schedule(self, name: str) -> None:
        frappe.set_user("Administrator")
        frappe.delete_doc("Scheduled Job Type", name, force=True, ignore_permissions=True)
        frappe.db.commit()
