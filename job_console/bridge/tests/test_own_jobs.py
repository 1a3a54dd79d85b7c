"""What users see of jobs: their own, and those of documents that they may read; nothing else, and nothing of how."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import frappe
import frappe.share
from frappe.desk.form.load import getdoc
from frappe.utils.background_jobs import generate_qname
from redis.connection import Connection
from rq import Queue

from job_console import api
from job_console.bridge import own_jobs as bridge
from job_console.bridge.connection import engine
from job_console.bridge.policies import policies
from job_console.bridge.tests import testing
from job_console.bridge.tests.testing import CLERK, MANAGER, MARK, OTHER_SITE, SiteTestCase, delete_job
from job_console.engine.jobs import limits, own_jobs
from job_console.engine.redis import keys

COLLEAGUE = "job-console-colleague@example.com"
HERE = "job_console.bridge.tests.testing"
SECRET = "hunter2-argument"
SETTINGS = "Job Console Settings"


class OwnJobsTestCase(SiteTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        testing._user(COLLEAGUE, [])
        frappe.db.commit()

    def setUp(self) -> None:
        super().setUp()
        policies.publish()
        self.addCleanup(self.forget_index)
        self.forget_index()
        with self.user(MANAGER):
            self.todo = frappe.get_doc({"doctype": "ToDo", "description": "its job"}).insert()
        frappe.db.commit()
        self.addCleanup(self.delete_todo)

    def delete_todo(self) -> None:
        frappe.set_user("Administrator")
        frappe.delete_doc("ToDo", self.todo.name, force=True, delete_permanently=True)
        frappe.db.commit()

    def work(self, queue: str = "short", fork: bool = True) -> None:
        frappe.db.commit()
        super().work(queue, fork)
        frappe.db.commit()  # what the worker has written is seen from here on

    def forget_index(self) -> None:
        for pattern in ("jobs_of_person", "jobs_of_document", "own_jobs_asked"):
            for name in self.redis.scan_iter(keys.own(pattern, frappe.local.site, "*")):
                self.redis.delete(name)

    @property
    def document(self) -> dict[str, str]:
        return {"doctype": "ToDo", "name": self.todo.name}

    def start(self, user: str, **more: Any) -> str:
        """A job that works on the document."""
        with self.user(user):
            return self.enqueue(f"{HERE}.add", **self.document, one=1, other=2, secret=SECRET, **more)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        frappe.db.set_single_value(SETTINGS, "hide_own_jobs", 1)
        policies.publish()
        try:
            yield
        finally:
            frappe.db.set_single_value(SETTINGS, "hide_own_jobs", 0)
            policies.publish()

    def seen(self, user: str, of_document: bool) -> list[str]:
        with self.user(user):
            answer = api.document_jobs(**self.document) if of_document else api.my_jobs()
        return [job["id"] for job in answer["jobs"]]


class TestWhoSeesWhat(OwnJobsTestCase):
    def test_every_combination(self) -> None:
        """user × started it or not × may read the document or not × role: what each sees, and may cancel."""
        for starter, viewer, shared in product((CLERK, COLLEAGUE, MANAGER), (CLERK, MANAGER), (False, True)):
            with self.subTest(starter=starter, viewer=viewer, shared=shared):
                self.forget_index()
                frappe.share.remove("ToDo", self.todo.name, CLERK, flags={"ignore_permissions": True})
                if shared:
                    frappe.share.add_docshare("ToDo", self.todo.name, CLERK, flags={"ignore_share_permission": True})
                job_id = self.start(starter)
                own, may_read = starter == viewer, shared or viewer == MANAGER
                self.assertEqual(self.seen(viewer, of_document=False), [job_id] if own else [])
                self.assertEqual(self.seen(viewer, of_document=True), [job_id] if own or may_read else [])
                self.assertEqual(self.named(viewer), [self.todo.name] if own and may_read else [None] if own else [])
                with self.user(viewer):
                    if own:
                        self.assertEqual(api.cancel_my_job(job_id), {"id": job_id, "canceled": True})
                    else:
                        self.assertRaises(frappe.DoesNotExistError, api.cancel_my_job, job_id)
                self.assertEqual(self.status(job_id), "canceled" if own else "queued")
                delete_job(self.redis, job_id)

    def named(self, viewer: str) -> list[str | None]:
        """The documents in My Jobs: one that somebody may not read any more is not named."""
        with self.user(viewer):
            return [job["name"] for job in api.my_jobs()["jobs"]]

    def status(self, job_id: str) -> str:
        return self.redis.hget(f"rq:job:{job_id}", "status").decode()

    def test_nobody_sees_any_where_the_site_says_so(self) -> None:
        with self.hidden():
            job_id = self.start(CLERK)
            for user in (CLERK, MANAGER):
                with self.user(user):
                    for call in (api.my_jobs, lambda: api.document_jobs(**self.document)):
                        self.assertRaises(frappe.PermissionError, call)
                    self.assertRaises(frappe.PermissionError, api.cancel_my_job, job_id)
                    boot: dict[str, Any] = {}
                    bridge.boot(boot)
                    self.assertEqual(boot, {})
            self.assertIsNone(self.loaded(MANAGER))
            self.assertEqual(list(self.redis.scan_iter(keys.own("jobs_of_*"))), [])
        self.assertEqual(self.seen(CLERK, of_document=False), [], "it was not written down")

    def test_what_is_written_down_shows_nothing_once_it_is_switched_off(self) -> None:
        self.start(CLERK)
        with self.hidden():
            self.assertIsNone(self.loaded(MANAGER))
            with self.user(CLERK):
                self.assertRaises(frappe.PermissionError, api.my_jobs)

    def test_a_guest_sees_nothing(self) -> None:
        job_id = self.start(CLERK)
        with self.user("Guest"):
            for call in (api.my_jobs, lambda: api.document_jobs(**self.document), lambda: api.cancel_my_job(job_id)):
                self.assertRaises(frappe.PermissionError, call)

    def test_a_job_of_another_site_is_none_of_theirs(self) -> None:
        """Even if the index led to it, and its user had the same name."""
        wrapped: dict[str, Any] = {
            "site": OTHER_SITE,
            "user": CLERK,
            "method": f"{HERE}.add",
            "event": None,
            "job_name": "x",
        }
        wrapped |= {"is_async": True, "kwargs": self.document}
        job_id = f"{frappe.local.site}||{MARK}{uuid4().hex}"
        lane = Queue(generate_qname("short"), connection=self.redis)
        lane.enqueue_call("frappe.utils.background_jobs.execute_job", kwargs=wrapped, job_id=job_id)
        self.made.append(job_id)
        self.write_index(job_id, CLERK)
        self.assertEqual(self.seen(CLERK, of_document=False), [])
        self.assertEqual(self.seen(MANAGER, of_document=True), [])
        with self.user(CLERK):
            self.assertRaises(frappe.DoesNotExistError, api.cancel_my_job, job_id)

    def test_an_id_that_somebody_else_uses_again_is_theirs(self) -> None:
        job_id = self.start(CLERK)
        name = job_id.partition("||")[2]
        delete_job(self.redis, job_id)
        with self.user(COLLEAGUE):
            frappe.enqueue(f"{HERE}.add", queue="short", job_id=name, one=1, other=2)
        self.assertEqual(self.seen(CLERK, of_document=False), [])
        self.assertEqual(self.seen(MANAGER, of_document=True), [], "it is not about the document any more")
        self.assertEqual(self.seen(COLLEAGUE, of_document=False), [job_id])

    def write_index(self, job_id: str, user: str) -> None:
        found = own_jobs.Subject(user, ("ToDo", self.todo.name))
        pipeline = self.redis.pipeline()
        own_jobs.note(pipeline, frappe.local.site, found, job_id, 0)
        pipeline.execute()

    def test_documents_that_there_are_not_answer_alike(self) -> None:
        with self.user(CLERK):
            for doctype, name in (("ToDo", "nosuch"), ("No Such Doctype", "x"), ("RQ Job", "x"), ("User", MANAGER)):
                self.assertEqual(api.document_jobs(doctype, name), {"jobs": []}, doctype)

    def test_who_asks_without_end_is_refused(self) -> None:
        with patch.object(limits, "OWN_ASKED", 2), self.user(CLERK):
            api.my_jobs()
            api.document_jobs(**self.document)
            self.assertRaises(frappe.TooManyRequestsError, api.my_jobs)
        self.assertEqual(self.seen(COLLEAGUE, of_document=False), [], "others are not")

    def loaded(self, user: str) -> int | None:
        """What a form's own request says of its document's jobs."""
        frappe.local.response = frappe._dict(docs=[])
        with self.user(user):
            getdoc("ToDo", self.todo.name)
        return frappe.response.docs[0].get("__onload").get("job_console_jobs")

    def test_a_form_is_told_by_its_own_request_at_the_price_of_one_round_trip(self) -> None:
        self.assertIsNone(self.loaded(MANAGER))
        engine().policies.forget(frappe.local.site)
        sent: list[object] = []
        send = Connection.send_packed_command

        def counted(connection: Connection, command: object, **options: object) -> None:
            sent.append(command)
            send(connection, command, **options)

        with patch.object(Connection, "send_packed_command", counted):
            bridge.onload(self.todo)
        self.assertEqual(len(sent), 1, sent)
        self.assertIsNone(self.todo.get("__onload"))
        self.start(CLERK)
        self.assertEqual(self.loaded(MANAGER), 1)


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
