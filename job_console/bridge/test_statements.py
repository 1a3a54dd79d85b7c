"""A job that waits for a row of its database."""

import frappe

from job_console.bridge import statements
from job_console.bridge.testing import SiteTestCase
from job_console.engine import keys

JOBS = "job_console.runtime.watched_testing"


class TestStatements(SiteTestCase):
    def test_a_statement_shows_its_verb_and_its_table_and_no_value(self) -> None:
        for text, told in (
            ("update `tabStock Entry` set `note` = 'secret' where name = 'x'", ("update", "`tabStock Entry`")),
            ("  SELECT sleep(10)", ("SELECT", None)),
            ("insert into `tabToDo` (name) values ('secret')", ("insert", "`tabToDo`")),
            ("delete from tabToDo where 1", ("delete", "tabToDo")),
        ):
            found = statements._STATEMENT.match(text)
            self.assertEqual((found["verb"], found["table"]), told)

    def test_what_it_waits_for_is_told(self) -> None:
        if frappe.db.db_type != "mariadb":
            self.skipTest("MariaDB only")
        todo = frappe.get_doc({"doctype": "ToDo", "description": "held"}).insert(ignore_permissions=True).name
        frappe.db.commit()
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.db.delete, "ToDo", {"name": todo})
        frappe.db.set_value("ToDo", todo, "description", "held by the test", update_modified=False)
        job_id = self.enqueue(f"{JOBS}.write_row", name=todo)
        found: dict = {}

        def waits() -> bool:
            found.update(statements.where(job_id))
            return found["statement"] is not None

        with self.working():
            try:
                self.wait(lambda: self.redis.hexists(keys.ARMED, job_id))
                self.wait(waits)
            finally:
                frappe.db.rollback()
        self.assertEqual(found["waits_for"], "database", found)
        self.assertIn("write_row", [frame["function"] for frame in found["stacks"][0]["frames"]])
        self.assertEqual((found["statement"]["verb"], found["statement"]["table"]), ("update", "tabToDo"))
        self.assertIn("Its update of tabToDo has run for", found["text"])
        self.assertNotIn("by the job", str(found))
