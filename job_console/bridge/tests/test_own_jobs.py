"""What users see of jobs: their own, and those of documents that they may read; nothing else."""

from itertools import product
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import frappe
import frappe.share
from frappe.desk.form.load import getdoc
from frappe.utils.background_jobs import generate_qname
from redis import Redis
from redis.connection import Connection
from rq import Queue

from job_console import api
from job_console.bridge import connection
from job_console.bridge import own_jobs as bridge
from job_console.bridge.connection import engine
from job_console.bridge.tests.own_jobs_testing import COLLEAGUE, HERE, OwnJobsTestCase
from job_console.bridge.tests.testing import CLERK, MANAGER, MARK, OTHER_SITE, delete_job
from job_console.engine.jobs import limits, own_jobs
from job_console.engine.redis import keys
from job_console.engine.service import Engine


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
        name = job_id.removeprefix(frappe.local.site)[2:]  # what stands between them is Frappe's own
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

    def test_a_form_loads_without_redis_and_does_not_ask_it_again_for_a_while(self) -> None:
        self.start(CLERK)
        self.addCleanup(setattr, bridge, "_unreachable_until", float("-inf"))
        dead = Engine(Redis(port=1), queue_prefix=connection.queue_prefix())
        with patch.object(connection, "_engine", lambda *_: dead):
            self.assertIsNone(self.loaded(MANAGER))
        self.assertIsNone(self.loaded(MANAGER))
        bridge._unreachable_until = float("-inf")
        self.assertEqual(self.loaded(MANAGER), 1)
