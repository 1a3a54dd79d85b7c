"""What the tests of chunks share: a table of effects, and places that are cleared."""

from collections import Counter
from collections.abc import Iterable

import frappe

from job_console.bridge.access import console
from job_console.bridge.tests.testing import SiteTestCase
from job_console.runtime.chunks import checkpoint
from job_console.runtime.tests import chunks_testing
from job_console.runtime.tests.chunks_testing import effects

JOBS = "job_console.runtime.tests.chunks_testing"


class ChunksTestCase(SiteTestCase):
    maxDiff = 2_000

    def setUp(self) -> None:
        super().setUp()
        chunks_testing.make_table()
        frappe.db.commit()

    def tearDown(self) -> None:
        frappe.db.rollback()
        for job_id in self.made:
            for name in frappe.get_all("Job Checkpoint", filters={"job": ("like", f"%{job_id}%")}, pluck="name"):
                checkpoint.forget(name)
        chunks_testing.drop_table()
        frappe.db.commit()
        super().tearDown()

    def assert_all_once(self, items: Iterable[object]) -> None:
        """All of these were done, and nothing was done twice."""
        frappe.db.rollback()  # see what others have committed
        difference = Counter(effects())
        difference.subtract(map(str, items))
        self.assertEqual({item: count for item, count in difference.items() if count}, {})

    def checkpoint(self, job_id: str, step: str = "1") -> frappe._dict:
        frappe.db.rollback()
        return frappe.get_all("Job Checkpoint", filters={"job": job_id, "step": step}, fields=["*"])[0]

    def status(self, job_id: str) -> str:
        return console().jobs.show(job_id)["status"]

    def retry(self, job_id: str) -> None:
        (done,) = console().actions.run("retry", [job_id])["results"]
        self.assertTrue(done["ok"], done["reason"])
