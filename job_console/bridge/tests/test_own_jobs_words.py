"""What users are told of the jobs that they wait for, from a job's making to its end; never how it is done."""

import json
from typing import Any

import frappe
import frappe.share

from job_console import api
from job_console.bridge.tests.own_jobs_testing import COLLEAGUE, HERE, SECRET, OwnJobsTestCase
from job_console.bridge.tests.testing import CLERK, MANAGER
from job_console.engine.jobs import limits
from job_console.engine.redis import keys


class TestWhatTheyAreTold(OwnJobsTestCase):
    def only(self, user: str = CLERK) -> dict[str, Any]:
        with self.user(user):
            (job,) = api.my_jobs()["jobs"]
        text = json.dumps(job)
        for never in (SECRET, HERE, "ValueError", "on purpose", "Traceback", "add", "short"):
            self.assertNotIn(never, text.replace(job["id"], "").replace("example.com", ""))
        return job

    def test_its_place_in_line_then_its_end(self) -> None:
        with self.user(COLLEAGUE):
            self.enqueue(f"{HERE}.add", one=1, other=2)
        self.start(CLERK)
        job = self.only()
        self.assertEqual((job["state"], job["position"], job["may_cancel"]), ("waiting", 2, True))
        self.assertIn("2nd in line", job["line"])
        self.work()
        job = self.only()
        self.assertEqual((job["state"], job["words"], job["may_cancel"]), ("done", "done", False))

    def test_a_failure_in_plain_words(self) -> None:
        with self.user(CLERK):
            job_id = self.enqueue(f"{HERE}.fail", secret=SECRET)
        self.work()
        job = self.only()
        self.assertEqual((job["state"], job["id"]), ("failed", job_id))
        self.assertEqual(job["words"], "It did not work. Your administrator can see why.")
        with self.user(CLERK):
            self.assertRaisesRegex(frappe.ValidationError, "cannot be canceled", api.cancel_my_job, job_id)

    def test_how_far_it_is(self) -> None:
        with self.user(CLERK):
            self.enqueue(f"{HERE}.step", count=60)
        with self.working():
            job = self.wait(lambda: (found := self.only())["percent"] and found)
            self.assertEqual(job["words"], f"running, {job['percent']} %")
        self.assertEqual(self.only()["state"], "done")

    def test_an_action_whose_failure_frappe_hides(self) -> None:
        """RQ calls it finished."""
        frappe.share.add_docshare("ToDo", self.todo.name, CLERK, write=1, flags={"ignore_share_permission": True})
        frappe.db.commit()
        with self.user(CLERK):
            todo = frappe.get_doc("ToDo", self.todo.name)
            self.made.append(todo.queue_action("submit", nosuch=1, queue="short", enqueue_after_commit=False).id)
        self.assertEqual(self.only()["what"], "Submitting")
        self.work()
        self.assertEqual(self.only()["state"], "failed")

    def test_canceling_an_action_unlocks_its_document(self) -> None:
        with self.user(CLERK):
            todo = frappe.get_doc("ToDo", self.todo.name)
            job = todo.queue_action("submit", queue="short", enqueue_after_commit=False)
            self.made.append(job.id)
            self.assertTrue(todo.is_locked)
            api.cancel_my_job(job.id)
            self.assertFalse(todo.is_locked)
        self.assertEqual(api.audit()["entries"][0]["actor"], CLERK)
        self.assertEqual(self.only()["state"], "canceled")

    def test_a_submission_is_about_what_is_submitted(self) -> None:
        """It fails, as no ToDo can be submitted; Frappe keeps that in a record of its own."""
        queued = frappe.new_doc("Submission Queue")
        queued.update({"ref_doctype": "ToDo", "ref_docname": self.todo.name})
        with self.user(CLERK):
            queued.insert(self.todo, "Submit")
            frappe.db.commit()
        self.addCleanup(frappe.delete_doc, "Submission Queue", queued.name, force=True, delete_permanently=True)
        self.made += self.seen(MANAGER, of_document=True)
        self.assertEqual(len(self.made), 1)
        self.assertEqual(self.only()["what"], "Submitting")
        self.work("default")
        self.assertEqual(self.only()["state"], "failed")

    def test_what_frappe_does_by_itself_is_nobodys(self) -> None:
        with self.user(CLERK):
            self.enqueue("frappe.utils.global_search.sync_global_search")
        self.assertEqual(self.seen(CLERK, of_document=False), [])

    def test_it_is_forgotten_a_while_after_its_end(self) -> None:
        job_id = self.start(CLERK)
        name = keys.jobs_of_person(frappe.local.site, CLERK)
        self.work()
        left = self.redis.zscore(name, job_id) - float(self.redis.time()[0])
        self.assertLess(left, limits.OWN_DONE_S + 5)
        self.assertGreater(self.redis.ttl(name), 0)
