"""The Lock Registry on a real site: lists, counts, forms, and what is kept from whom."""

import json
import shutil
from pathlib import Path
from uuid import uuid4

import frappe
from frappe.desk import reportview
from frappe.utils import get_bench_path

import job_console
from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.tests.testing import CLERK, OTHER_SITE, SiteTestCase
from job_console.engine.errors import LockLost
from job_console.engine.jobs import lock_actions
from job_console.engine.locks import steps
from job_console.engine.locks.heartbeat import HEARTBEAT
from job_console.engine.redis import keys
from job_console.job_console.doctype.lock_registry.lock_registry import LockRegistry

DOCTYPE = "Lock Registry"
#: The registry remembers locks of earlier runs.
MARK = f"registry-{uuid4().hex}"


class TestLockRegistry(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.names = [f"{frappe.local.site}|{MARK}:{number}" for number in range(3)]
        self.addCleanup(self.forget)
        self.forget()
        info = json.dumps({"user": frappe.session.user, "method": "app.recalc", "site": frappe.local.site})
        for name in self.names:
            steps.acquire(engine().redis, steps.Wanted(name, uuid4().hex, 60, info=info), 0)

    def forget(self) -> None:
        HEARTBEAT.stop()
        for name in (*self.names, f"{OTHER_SITE}|{MARK}"):
            engine().redis.delete(keys.lock(name), keys.lock_line(name))

    def ask(self, **more) -> list[dict]:
        """As the desk's list does."""
        frappe.local.form_dict = frappe._dict(
            doctype=DOCTYPE, fields='["name"]', filters=f'[["{DOCTYPE}","name","like","%{MARK}:%"]]', **more
        )
        answer = reportview.get()
        return [dict(zip(answer["keys"], row, strict=True)) for row in answer["values"]] if answer else []

    def test_the_list(self) -> None:
        rows = self.ask(start=0, page_length=20)
        self.assertEqual({row["name"] for row in rows}, set(self.names))
        self.assertEqual({row["state"] for row in rows}, {"Held"})
        self.assertEqual({row["holder_user"] for row in rows}, {frappe.session.user})

    def test_pages_order_and_count(self) -> None:
        order = f"`tab{DOCTYPE}`.`lock_key` desc"
        self.assertEqual([row["lock_key"][-1] for row in self.ask(order_by=order, page_length=2)], ["2", "1"])
        self.assertEqual([row["lock_key"][-1] for row in self.ask(order_by=order, start=2, page_length=2)], ["0"])
        frappe.local.form_dict = frappe._dict(
            doctype=DOCTYPE, fields="[]", filters=f'[["{DOCTYPE}","lock_key","in","{MARK}:0,{MARK}:1"]]'
        )
        self.assertEqual(reportview.get_count(), 2)

    def test_held_locks_come_before_free_ones_whichever_way(self) -> None:
        lock_actions.release(engine().redis, None, "tester", self.names[0], "a test")
        for way in ("asc", "desc"):
            rows = self.ask(order_by=f"`tab{DOCTYPE}`.`acquired_at` {way}", page_length=20)
            self.assertEqual([row["state"] for row in rows], ["Held", "Held", "Free"])

    def test_between_today_and_today(self) -> None:
        today = frappe.utils.today()
        for day, found in ((today, 3), (frappe.utils.add_days(today, -1), 0)):
            filters = [["name", "like", f"%{MARK}:%"], ["acquired_at", "Between", [day, day]]]
            self.assertEqual(len(LockRegistry.get_list({"filters": filters})), found)

    def test_no_page_is_all_of_them(self) -> None:
        self.names += [f"{frappe.local.site}|{MARK}:{number}" for number in range(3, 25)]
        for name in self.names[3:]:
            steps.acquire(engine().redis, steps.Wanted(name, uuid4().hex, 60), 0)
        filters = [["name", "like", f"%{MARK}:%"]]
        self.assertEqual(len(LockRegistry.get_list({"filters": filters})), 20)
        self.assertEqual(len(LockRegistry.get_list({"filters": filters, "page_length": 0})), 25)

    def test_the_form(self) -> None:
        doc = frappe.get_doc(DOCTYPE, self.names[1])
        self.assertEqual((doc.lock_key, doc.state, doc.holder_user), (f"{MARK}:1", "Held", frappe.session.user))
        self.assertGreater(int(doc.fence), 0)
        with self.assertRaises(frappe.DoesNotExistError):
            frappe.get_doc(DOCTYPE, "nothing")

    def test_what_else_locks_is_for_reading(self) -> None:
        path = Path(frappe.get_site_path("locks", f"{MARK}.lock"))
        path.touch()
        self.addCleanup(path.unlink)
        name = f"file:{frappe.local.site}:{MARK}"
        frappe.local.form_dict = frappe._dict(
            doctype=DOCTYPE, fields="[]", filters=f'[["{DOCTYPE}","kind","=","File"]]', page_length=500
        )
        self.assertIn(name, str(reportview.get()))
        doc = frappe.get_doc(DOCTYPE, name)
        self.assertEqual((doc.kind, doc.state, doc.lock_key), ("File", "Free", MARK))
        with self.assertRaises(frappe.DoesNotExistError):
            api.release_lock(name, "away with it")

    def test_a_document_that_waits_for_its_job(self) -> None:
        note = frappe.get_doc(doctype="ToDo", description="waits").insert()
        self.addCleanup(note.unlock)
        note.lock()
        job_id = self.enqueue("frappe.ping", doctype="ToDo", name=note.name)
        (lock,) = [each for each in api.locks()["others"] if each["document"] == ["ToDo", note.name]]
        self.assertEqual((lock["kind"], lock["state"], lock["owner"]["job_id"]), ("document", "held", job_id))

    def test_files_of_other_sites_are_not_read(self) -> None:
        folder = Path(get_bench_path(), "sites", OTHER_SITE, "locks")
        folder.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, folder.parent)
        Path(folder, f"{MARK}.lock").touch()
        Path(folder.parent, "site_config.json").write_text("{}")
        self.assertNotIn(MARK, str(api.locks(idle=1)["others"]))

    def test_release_and_extend(self) -> None:
        lock = job_console.lock("registry-mine", until="exit").acquire()
        self.names.append(f"{frappe.local.site}|registry-mine")
        self.assertEqual(api.extend_lock(self.names[-1], 600)["extended"], 1)
        with self.assertRaises(frappe.ValidationError):
            api.release_lock(self.names[-1], " ")
        self.assertEqual(api.release_lock(self.names[-1], "stuck")["released"], 1)
        with self.assertRaises(LockLost):
            lock.check()
        self.assertEqual(api.audit()["entries"][0]["action"], "release_lock")
        lock._leave(failed=True)

    def test_only_managers(self) -> None:
        with self.user(CLERK):
            for call in (
                self.ask,
                lambda: frappe.get_doc(DOCTYPE, self.names[0]),
                api.locks,
                lambda: api.release_lock(self.names[0], "mine"),
            ):
                with self.assertRaises(frappe.PermissionError):
                    call()

    def test_not_another_sites(self) -> None:
        steps.acquire(engine().redis, steps.Wanted(f"{OTHER_SITE}|{MARK}", "theirs", 60), 0)
        frappe.local.form_dict = frappe._dict(doctype=DOCTYPE, fields="[]", filters="[]", page_length=500)
        self.assertNotIn(OTHER_SITE, str(reportview.get()))
        with self.assertRaises(frappe.DoesNotExistError):
            frappe.get_doc(DOCTYPE, f"{OTHER_SITE}|{MARK}")

    def test_nothing_is_made_or_deleted_by_hand(self) -> None:
        with self.assertRaises(frappe.ValidationError):
            frappe.get_doc(DOCTYPE, self.names[0]).delete()
