"""Work and its key are committed together or not at all, whenever the process is killed."""

import os
import signal

import frappe

import job_console
from job_console.bridge.tests.testing import SiteTestCase
from job_console.runtime.once import DOCTYPE, HalfDone

STEPS = ("before", "in the work", "after the work", "before the commit", "after the commit")


class TestOnce(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        frappe.set_user("Administrator")
        self.key = f"test:{frappe.generate_hash()}"
        self.addCleanup(self.forget)

    def forget(self) -> None:
        frappe.db.rollback()
        frappe.db.delete(DOCTYPE, {"key": self.key})
        frappe.db.delete("ToDo", {"description": self.key})
        frappe.db.commit()

    def make(self, die: str = "") -> dict:
        frappe.get_doc({"doctype": "ToDo", "description": self.key}).insert()
        _die_at("in the work", die)
        return {"made": frappe.db.count("ToDo", {"description": self.key})}

    def keys_and_work(self) -> tuple[int, int]:
        frappe.db.rollback()
        return frappe.db.count(DOCTYPE, {"key": self.key}), frappe.db.count("ToDo", {"description": self.key})

    def test_a_repeat_returns_what_the_work_returned_and_is_counted(self) -> None:
        outcomes = [job_console.once(self.key, self.make) for _ in range(3)]
        frappe.db.commit()
        self.assertEqual(outcomes, [{"made": 1}] * 3)
        self.assertEqual(self.keys_and_work(), (1, 1))
        self.assertEqual(frappe.db.get_value(DOCTYPE, {"key": self.key}, "replays"), 2)

    def test_check_before_mutate(self) -> None:
        """The lines of docs/once.md."""
        for _ in range(2):
            job_console.once(self.key, self.make)
            frappe.db.commit()
        self.assertEqual(self.keys_and_work(), (1, 1))

    def test_deduplicate_by_id(self) -> None:
        """What dies after the work and before the commit has done nothing, and its id is free."""
        job_console.once(self.key, self.make)
        frappe.db.rollback()
        self.assertEqual(self.keys_and_work(), (0, 0))
        job_console.once(self.key, self.make)
        frappe.db.commit()
        job_console.once(self.key, self.make)
        self.assertEqual(self.keys_and_work(), (1, 1))

    def test_optimistic_update(self) -> None:
        doc = frappe.get_doc({"doctype": "ToDo", "description": self.key}).insert()
        frappe.db.commit()

        def reprice(mine) -> None:
            mine.priority = "High"
            mine.save()

        def update(mine) -> None:
            job_console.once(self.key, reprice, mine)

        stale = frappe.get_doc("ToDo", doc.name)
        other = frappe.get_doc("ToDo", doc.name)
        other.status = "Closed"
        other.save()
        frappe.db.commit()
        with self.assertRaises(frappe.TimestampMismatchError):
            update(stale)
        frappe.db.commit()
        self.assertEqual(frappe.db.count(DOCTYPE, {"key": self.key}), 0)
        update(frappe.get_doc("ToDo", doc.name))
        frappe.db.commit()
        self.assertEqual(frappe.db.get_value("ToDo", doc.name, ["priority", "status"]), ("High", "Closed"))

    def test_work_that_fails_leaves_the_key_free_and_nothing_behind(self) -> None:
        def fail() -> None:
            self.make()
            raise ValueError

        with self.assertRaises(ValueError):
            job_console.once(self.key, fail)
        frappe.db.commit()
        self.assertEqual(self.keys_and_work(), (0, 0))
        self.assertEqual(job_console.once(self.key, self.make), {"made": 1})

    def test_work_that_commits_and_then_fails_is_known_as_half_done(self) -> None:
        def commit() -> None:
            self.make()
            frappe.db.commit()
            raise ValueError

        with self.assertRaises(ValueError):
            job_console.once(self.key, commit)
        with self.assertRaises(HalfDone):
            job_console.once(self.key, self.make)

    def test_killed_at_every_step_work_and_key_agree_and_the_repeat_does_it_once(self) -> None:
        for step in STEPS:
            with self.subTest(step):
                self.forget()
                self.assertEqual(self.in_another_process(step), signal.SIGKILL)
                both = 1 if step == "after the commit" else 0
                self.assertEqual(self.keys_and_work(), (both, both))
                self.assertEqual(self.in_another_process(""), 0)
                self.assertEqual(self.keys_and_work(), (1, 1))

    def in_another_process(self, die: str) -> int:
        """How it ended: the number of the signal, or 0."""
        site = frappe.local.site
        frappe.db.commit()
        pid = os.fork()
        if pid == 0:
            try:
                frappe.init(site, force=True)
                frappe.connect()
                _die_at("before", die)
                job_console.once(self.key, self._work_and_die, die)
                _die_at("before the commit", die)
                frappe.db.commit()
                _die_at("after the commit", die)
                os._exit(0)
            finally:
                os._exit(1)
        _pid, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status) * -1

    def _work_and_die(self, die: str) -> dict:
        outcome = self.make(die)
        _die_at("after the work", die)
        return outcome


def _die_at(step: str, die: str) -> None:
    if step == die:
        os.kill(os.getpid(), signal.SIGKILL)
