"""The record of a Background Task goes along with what is done to its job. Frappe 17 has them; for others the doctype
is made here, with the fields of that version that we use."""

from uuid import uuid4

import frappe

from job_console import api
from job_console.bridge import tasks, versions
from job_console.bridge.tests.testing import MARK, SiteTestCase

EXECUTE = "frappe.utils.task_queue._execute_task"
ADD = "job_console.bridge.tests.testing.add"
FIELDS = ("task_id", "task_name", "job_id", "user", "status", "method", "exception", "result", "stage", "queue")


def make_doctype() -> None:
    fields = [{"fieldname": name, "fieldtype": "Data", "label": name} for name in FIELDS]
    fields += [{"fieldname": name, "fieldtype": "Datetime", "label": name} for name in ("started_at", "ended_at")]
    fields += [{"fieldname": "progress", "fieldtype": "Percent", "label": "progress"}]
    doctype = {"doctype": "DocType", "name": tasks.TASK, "module": "Custom", "custom": 1, "fields": fields}
    frappe.get_doc(doctype).insert(ignore_permissions=True)


class TestTasks(SiteTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.made_here = not versions.has_doctype(tasks.TASK)
        if cls.made_here:
            make_doctype()
            frappe.clear_cache(doctype=tasks.TASK)
            frappe.db.commit()

    @classmethod
    def tearDownClass(cls) -> None:
        if cls.made_here:
            frappe.set_user("Administrator")
            frappe.delete_doc("DocType", tasks.TASK, force=True)
            frappe.db.sql_ddl(f"drop table if exists `tab{tasks.TASK}`")
            frappe.db.commit()
        super().tearDownClass()

    def task(self) -> tuple[str, str]:
        """As `frappe.enqueue_task` makes it: (its record, its job)."""
        task_id = f"{MARK}{uuid4().hex}"
        record = {"task_id": task_id, "job_id": task_id, "task_name": "Add", "status": "Queued", "method": ADD}
        doc = frappe.get_doc({"doctype": tasks.TASK, "user": frappe.session.user, **record})
        doc.insert(ignore_permissions=True)
        own = {"task_id": task_id, "task_user": frappe.session.user, "task_on_success": None, "task_on_failure": None}
        job_id = frappe.enqueue(
            EXECUTE, queue="short", job_id=task_id, target_method=ADD, task_retry_on=(), **own, one=1, other=2
        ).id
        self.made.append(job_id)
        frappe.db.commit()
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.db.delete, tasks.TASK, {"task_id": task_id})
        return doc.name, job_id

    def says(self, name: str) -> str:
        return frappe.db.get_value(tasks.TASK, name, "status")

    def test_it_is_seen_as_what_it_is_for(self) -> None:
        _name, job_id = self.task()
        job = api.show(job_id)
        self.assertEqual((job["method"], job["arguments"]), (ADD, {"one": 1, "other": 2}))

    def test_a_cancelled_one_says_so_and_runs_again_after_a_retry(self) -> None:
        name, job_id = self.task()
        other, _other_job = self.task()
        self.assertTrue(api.act("cancel", [job_id])["results"][0]["ok"])
        self.assertEqual((self.says(name), self.says(other)), ("Cancelled", "Queued"))
        self.assertTrue(api.act("retry", [job_id])["results"][0]["ok"])
        self.assertEqual(self.says(name), "Queued")

    def test_a_retry_that_is_refused_leaves_it_as_it_was(self) -> None:
        name, job_id = self.task()
        frappe.db.set_value(tasks.TASK, name, "status", "Cancelled")
        frappe.db.commit()
        self.assertFalse(api.act("retry", [job_id])["results"][0]["ok"], "it is queued")
        self.assertEqual(self.says(name), "Cancelled")

    def test_one_that_had_ended_keeps_what_it_says(self) -> None:
        name, job_id = self.task()
        frappe.db.set_value(tasks.TASK, name, "status", "Completed")
        self.assertTrue(api.act("delete", [job_id])["results"][0]["ok"])
        self.assertEqual(self.says(name), "Completed")
