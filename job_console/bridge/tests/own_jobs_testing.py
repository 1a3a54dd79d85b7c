"""What tests of one's own jobs share: two ordinary users, a document, and an empty index."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe

from job_console import api
from job_console.bridge.policies import policies
from job_console.bridge.tests import testing
from job_console.bridge.tests.testing import MANAGER, SiteTestCase
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
        frappe.db.commit()  # a worker may have written since this connection first read
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
