"""A job that is made in the page: enqueued by Frappe as its policy says, as who asks, and written down."""

import json
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

import frappe

from job_console import api
from job_console.bridge import new_jobs
from job_console.bridge.connection import engine
from job_console.bridge.tests.testing import CLERK, MANAGER, SiteTestCase
from job_console.engine.redis import keys
from job_console.engine.retries import store

ADD = "job_console.bridge.tests.testing.add"
WRAPPER = "frappe.utils.background_jobs.run_doc_method"


class TestNewJobs(SiteTestCase):
    def make(self, **asked) -> dict:
        request = {"method": ADD, "arguments": {"one": 1, "other": 2}, "reason": "by hand", **asked}
        with patch.object(new_jobs, "_methods", return_value=[ADD, WRAPPER]):
            (result,) = api.make_job(**request)["results"]
        self.made.append(result["job_id"])
        return result

    def test_it_runs_as_who_asked_in_the_lane_with_the_timeout(self) -> None:
        result = self.make(arguments=json.dumps({"one": 1, "other": 2}), queue="long", timeout=77)
        job = api.show(result["new_job_id"])
        self.assertEqual((result["ok"], result["state_after"], job["status"]), (True, "queued", "queued"))
        self.assertEqual((job["method"], job["arguments"]), (ADD, {"one": 1, "other": 2}))
        self.assertEqual((job["user"], job["timeout_s"]), (MANAGER, 77.0))
        self.assertTrue(job["queue"].endswith(":long"))
        entry = api.audit()["entries"][0]
        self.assertEqual((entry["action"], entry["actor"], entry["job_id"]), ("make_job", MANAGER, job["id"]))
        self.assertEqual(entry["reason"], "by hand. With one: 1, other: 2")

    def test_one_for_later_waits_and_is_then_put_into_its_lane(self) -> None:
        due = datetime.now(timezone.utc) + timedelta(hours=2)
        result = self.make(queue="short", at=due.isoformat())
        job = api.show(result["new_job_id"])
        self.assertEqual((result["state_after"], job["status"]), ("scheduled", "scheduled"))
        # Two hours later, as the sweep sees it.
        self.redis.zadd(keys.RETRIES, {job["id"]: due.timestamp() - 7_300})
        store.move_due(engine().redis, due, 100)
        self.assertEqual(api.show(job["id"])["status"], "queued")

    def test_what_it_takes_and_what_the_last_one_was_given_are_told(self) -> None:
        job_id = self.enqueue(ADD, one=3, other=4)
        engine().watch.forget()
        form = api.job_form(ADD)
        self.assertIn(ADD, form["methods"])
        self.assertEqual([each["name"] for each in form["parameters"]], ["one", "other"])
        self.assertEqual(form["last"], {"job_id": job_id, "arguments": {"one": 3, "other": 4}})
        self.assertIn("short", form["lanes"])
        self.assertIsNone(api.job_form("os.system")["parameters"])

    def test_what_cannot_run_is_refused_before_it_is_made(self) -> None:
        before = self.redis.zcard(keys.AUDIT_JOBS)
        for asked, said in (
            ({"arguments": {"one": 1}}, "does not take these arguments"),
            ({"arguments": {"queue": "x"}}, "for itself"),
            ({"method": "os.system"}, "only what has run"),
            ({"reason": " "}, "Say why"),
            ({"at": "2020-01-01T00:00:00Z"}, "in the future"),
        ):
            with self.subTest(said), self.assertRaisesRegex(frappe.ValidationError, said):
                self.make(**asked)
        self.assertEqual(self.redis.zcard(keys.AUDIT_JOBS), before)

    def test_wrappers_are_never_offered_and_others_may_not_ask(self) -> None:
        self.enqueue(WRAPPER, doctype="User", name="Guest")  # without its method it is no document's call
        self.enqueue(ADD, one=1, other=2)
        engine().watch.forget()
        methods = api.job_form()["methods"]
        self.assertIn(ADD, methods)
        self.assertNotIn(WRAPPER, methods)
        with self.user(CLERK), self.assertRaises(frappe.PermissionError):
            api.make_job(ADD, reason="x")
        self.assertEqual(frappe.allowed_http_methods_for_whitelisted_func[api.make_job], ["POST"])
