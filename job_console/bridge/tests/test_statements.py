"""A job that waits for a row of its database."""

from threading import Thread
from typing import Any
from unittest.mock import patch

import frappe

from job_console.bridge.statements import mariadb, postgres, statements
from job_console.bridge.tests.testing import SiteTestCase
from job_console.engine.redis import keys

JOBS = "job_console.runtime.tests.watched_testing"
#: They have connections that can be asked about.
SERVERS = ("mariadb", "postgres")


class TestStatements(SiteTestCase):
    def test_a_statement_shows_its_verb_and_its_table_and_no_value(self) -> None:
        for dialect, text, reported in (
            (
                "mariadb",
                "update `tabStock Entry` set `note` = 'tabsecret' where name = 'x'",
                ("update", "tabStock Entry"),
            ),
            ("mariadb", "  SELECT sleep(10)", ("select", None)),
            ("mariadb", "insert into `tabToDo` (name) values ('secret')", ("insert", "tabToDo")),
            ("mariadb", "delete from tabToDo where 1", ("delete", "tabToDo")),
            ("mariadb", "select `name` from `tabToDo`", ("select", "tabToDo")),
            ("mariadb", 'select "tabsecret", \'it\'\'s "tabhers\', "\\"tabits"', ("select", None)),
            ("mariadb", "select 'cut off: tabsecret", ("select", None)),
            ("mariadb", "/* x */ set x = 'tabsecret\\'", ("statement", None)),
            ("postgres", 'UPDATE "tabStock Entry" SET "note" = \'tabsecret\'', ("update", "tabStock Entry")),
            ("postgres", 'SELECT "name" FROM "__Auth" WHERE x = E\'it\\\'s tabsecret\'', ("select", "__Auth")),
            ("postgres", "select 'ends in \\', tabsecret()", ("select", "tabsecret")),
            ("postgres", "select $a$ 'tabsecret $a$, E'cut off: \\'tabsecret", ("select", None)),
            ("postgres", None, ("statement", None)),
        ):
            self.assertEqual(statements.read(text, dialect), reported, text)

    def test_what_it_waits_for_is_reported(self) -> None:
        if frappe.db.db_type not in SERVERS:
            self.skipTest("its database is no server")
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
        if frappe.db.db_type == "postgres":  # MariaDB tells this only those who have a privilege for it
            (mine,) = frappe.db.sql("select pg_backend_pid()", pluck=True)
            self.assertEqual(found["statement"]["state"], "Lock: transactionid")
            self.assertEqual(found["statement"]["blocked_by"]["connection"], mine)
            self.assertGreater(found["statement"]["blocked_by"]["for_s"], 0)
            self.assertIn(f"a lock that connection {mine} holds", found["text"])

    def test_what_waits_for_something_else_is_not_asked_of_the_database(self) -> None:
        """Its port may be that of anybody's connection."""
        for waits_for, asked in (("network", []), (None, []), ("redis", []), ("database", [4711])):
            answer = {
                "verdict": "waiting",
                "waits_for": waits_for,
                "port": 4711,
                "text": "It waits.",
                "statement": None,
            }
            ports: list[int] = []
            ask = {frappe.db.db_type: ports.append}
            with (
                patch.object(statements, "console") as console,
                patch.object(statements, "_RUNNING", ask),
            ):
                console.return_value.jobs.where.return_value = answer
                self.assertEqual(statements.where("x"), answer)
            self.assertEqual(ports, asked, waits_for)

    def test_only_the_sites_own_database_is_reported_of(self) -> None:
        if frappe.db.db_type != "mariadb":
            self.skipTest("MariaDB only: PostgreSQL's connections have one database for good")
        for schema, reported in ((frappe.conf.db_name, True), ("information_schema", False)):
            connection = frappe.db.create_connection()
            self.addCleanup(connection.close)
            cursor = connection.cursor()
            cursor.execute(f"use `{schema}`")
            cursor.execute("select host from information_schema.processlist where id = connection_id()")
            port = cursor.fetchone()[0].rpartition(":")[2]
            if not port.isdigit():
                self.skipTest("the server is reached through a Unix socket")
            busy = Thread(target=cursor.execute, args=("select sleep(2)",))
            busy.start()
            seen: list[Any] = []
            while busy.is_alive():
                seen.append(mariadb.running(int(port)))
            self.assertEqual(any(seen), reported, schema)

    def test_a_question_that_fails_leaves_the_transaction_whole(self) -> None:
        if frappe.db.db_type != "postgres":
            self.skipTest("PostgreSQL only: elsewhere a failed statement ends no transaction")
        with patch.object(postgres, "_STATEMENT", "select %s from no_such_table"):
            self.assertIsNone(postgres.running(1))
        self.assertEqual(frappe.db.sql("select 1"), ((1,),))
