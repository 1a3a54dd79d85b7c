"""Rows and lists in chunks: read by key, shared among jobs, and noticed when they change."""

import frappe

from job_console.bridge.access import console
from job_console.engine.errors import BadRequest
from job_console.runtime.chunks.source import Ordered, Rows
from job_console.runtime.tests import chunks_testing
from job_console.runtime.tests.chunks_case import JOBS, ChunksTestCase
from job_console.runtime.tests.chunks_testing import BEHIND


class TestRows(ChunksTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.names = sorted(self.todo(number) for number in range(50))
        frappe.db.commit()

    def tearDown(self) -> None:
        frappe.db.rollback()
        frappe.db.delete("ToDo", {"description": ("like", "job-console-test-%")})
        frappe.db.commit()
        super().tearDown()

    def todo(self, number: int) -> str:
        doc = frappe.get_doc({"doctype": "ToDo", "description": f"job-console-test-{number % 2}"})
        doc.set_new_name()
        doc.db_insert()
        return doc.name

    def test_rows_by_primary_key(self) -> None:
        self.enqueue(f"{JOBS}.over_rows", doctype="ToDo", filters={"description": "job-console-test-1"})
        self.work()
        odd = frappe.get_all("ToDo", filters={"description": "job-console-test-1"}, pluck="name")
        self.assertEqual(len(odd), 25)
        self.assert_all_once([*odd, "before the loop", BEHIND])

    def test_documents_and_filters_with_operators(self) -> None:
        filters = {"description": ["like", "job-console-test-%"]}
        self.enqueue(f"{JOBS}.over_rows", doctype="ToDo", filters=filters, docs=True)
        self.work()
        self.assert_all_once([*self.names, "before the loop", BEHIND])

    def test_a_failed_row_that_is_gone_is_not_missed(self) -> None:
        filters = {"description": ["like", "job-console-test-%"]}
        job_id = self.enqueue(f"{JOBS}.rows_fail", doctype="ToDo", filters=filters)
        self.work()
        self.assertEqual(self.checkpoint(job_id).failed, 50)
        frappe.db.delete("ToDo", {"name": ("in", self.names[:49])})
        frappe.db.commit()
        self.retry(job_id)
        self.work()
        place = self.checkpoint(job_id)
        self.assertEqual((place.failed, place.skipped), (1, 49))
        self.assertEqual(frappe.db.count("Job Checkpoint Item", {"parent": place.name}), 1)

    def test_several_jobs_share_the_rows_and_one_goes_on_behind(self) -> None:
        filters = {"description": ["like", "job-console-test-%"]}
        job_id = self.enqueue(f"{JOBS}.over_rows", doctype="ToDo", filters=filters, parallel=3)
        self.work()
        parts = frappe.get_all("Job Checkpoint", filters={"part_of": ("is", "set")}, pluck="job")
        self.made += parts
        self.assertEqual(len(parts), 2)
        self.assert_all_once([*self.names, *["before the loop"] * 4, BEHIND])
        self.assertEqual(self.status(job_id), "finished")
        for part in parts:
            shown = console().jobs.show(part)
            self.assertEqual((shown["status"], shown["method"]), ("finished", f"{JOBS}.over_rows"))

    def test_parts_run_at_once_on_several_workers(self) -> None:
        job_id = self.enqueue(f"{JOBS}.shared", count=600, parallel=3, pause=0.005)
        with self.working():
            self.wait(lambda: self.parts(job_id))
            self.made += self.parts(job_id)
            with self.working(), self.working():
                self.wait(lambda: self.status(job_id) == "finished")
        self.assert_all_once([*range(600), BEHIND])
        frappe.db.rollback()
        self.assertGreater(len({pid for (pid,) in frappe.db.sql(f"select pid from {chunks_testing.TABLE}")}), 2)

    def parts(self, job_id: str) -> list[str]:
        frappe.db.rollback()
        first = frappe.get_all("Job Checkpoint", filters={"job": job_id}, pluck="name")
        return frappe.get_all("Job Checkpoint", filters={"part_of": ("in", first or [""])}, pluck="job")

    def test_only_the_shared_loop_is_shared(self) -> None:
        job_id = self.enqueue(f"{JOBS}.two_loops", count=20, parallel=2)
        self.work()
        self.made += frappe.get_all("Job Checkpoint", filters={"part_of": ("is", "set")}, pluck="job")
        both = [f"{which} {number}" for which in ("first", "second") for number in range(20)]
        self.assert_all_once([*both, BEHIND])
        self.assertEqual(self.status(job_id), "finished")

    def test_pages_positions_and_parts(self) -> None:
        rows = Rows("ToDo", {"description": ["like", "job-console-test-%"]}, None, False, 7)
        self.assertEqual([item for _at, item in rows.after(None)], self.names)
        self.assertEqual([item for _at, item in rows.after(self.names[9], self.names[29])], self.names[10:30])
        self.assertEqual([item for _at, item in rows.only(self.names[5:8])], self.names[5:8])
        self.assertEqual(rows.split(3), [(self.names[15], 16), (self.names[32], 17), (None, 17)])
        (row, *_more) = [item for _at, item in Rows("ToDo", None, ["status"], False, 100).after(None)]
        self.assertEqual(set(row), {"name", "status"})

    def test_another_list_is_noticed(self) -> None:
        items = Ordered(["a", "b", "c", "d"])
        self.assertEqual([item for _at, item in items.after([2, "b"])], ["c", "d"])
        self.assertEqual([item for _at, item in items.after(None, [2, "b"])], ["a", "b"])
        self.assertEqual([item for _at, item in Ordered(iter("abcd")).after([2, "b"])], ["c", "d"])
        self.assertEqual([item for _at, item in items.only([[1, "a"], [4, "d"]])], ["a", "d"])
        self.assertEqual(items.split(3), [([1, "a"], 1), ([2, "b"], 1), (None, 2)])
        self.assertEqual(Ordered([]).split(3), [(None, 0)])
        for changed in (["c", "d"], ["a", "x", "c"], []):
            with self.assertRaisesRegex(BadRequest, "not those of the earlier run"):
                list(Ordered(changed).after([2, "b"]))
