"""Failures of real Frappe jobs by their cause, on a real site: counted, retried one first, and nobody else's."""

import frappe

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.tests.testing import CLERK, SiteTestCase

FAIL = "job_console.bridge.tests.testing.fail"


class TestFailures(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.jobs = [self.enqueue(FAIL) for _number in range(3)]
        self.work()

    def group(self) -> dict:
        engine().watch.forget()
        return next(group for group in api.failures(method=FAIL)["groups"] if group["method"] == FAIL)

    def test_jobs_with_one_cause_are_one_group(self) -> None:
        group = self.group()
        self.assertEqual((group["type"], group["message"]), ("ValueError", "this one fails, on purpose"))
        self.assertEqual(group["count"], 3)
        self.assertIn("testing.py in fail", group["frame"])
        self.assertEqual(group["sites"], [frappe.local.site])
        self.assertEqual({job["id"] for job in api.failure_jobs(group["group"])["jobs"]}, set(self.jobs))

    def test_one_is_retried_first(self) -> None:
        group = self.group()["group"]
        canary = api.retry_group(group, reason="it is mended")["canary"]
        self.assertEqual((canary["state"], canary["total"], canary["released"]), ("trying", 3, 1))
        self.work()
        engine().sweep()
        self.wait(lambda: self._turned() == "stopped")
        self.assertEqual(self.group()["count"], 3)
        self.assertEqual(
            [entry["action"] for entry in api.audit()["entries"][:3]], ["end_canary", "retry", "start_canary"]
        )
        self.assertEqual(api.audit()["entries"][1]["method"], FAIL)

    def _turned(self) -> str:
        engine().watch.forget()
        engine().sweep()
        return next(canary["state"] for canary in api.failures()["canaries"] if canary["method"] == FAIL)

    def test_all_at_once(self) -> None:
        results = api.retry_group(self.group()["group"], canary=False)["results"]
        self.assertEqual({(result["job_id"], result["ok"]) for result in results}, {(job, True) for job in self.jobs})

    def test_who_may(self) -> None:
        group = self.group()["group"]
        with self.user(CLERK):
            for call in (
                api.failures,
                lambda: api.failure_jobs(group),
                lambda: api.retry_group(group, reason="x"),
                lambda: api.cancel_canary(group),
            ):
                with self.assertRaises(frappe.PermissionError):
                    call()
        with self.assertRaises(frappe.ValidationError):
            api.retry_group(group)  # without a reason
        with self.assertRaises(frappe.DoesNotExistError):
            api.retry_group("0" * 16, reason="x")
