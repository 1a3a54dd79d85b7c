"""The fixture for pytest, by pytest itself."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import frappe
from frappe.utils import get_bench_path

from job_console.bridge.tests.testing import SiteTestCase

CONFTEST = """
import frappe, pytest

pytest_plugins = ["job_console.testing.fixtures"]

@pytest.fixture(autouse=True)
def site():
    frappe.init({site!r})
    frappe.connect()
    yield
    frappe.db.rollback()
    frappe.destroy()
"""
TEST = """
from job_console.testing.tests import shop_testing as shop

def test_it_is_synced(jobs):
    shop.submit("C-1")
    jobs.assert_not_enqueued(shop.sync)
    jobs.committed()
    jobs.assert_enqueued(shop.sync, customer="C-1", queue="long")
    assert [each.result for each in jobs.run_enqueued()] == ["synced C-1"]

def test_it_fails(jobs):
    shop.frappe.enqueue(shop.fail, queue="short")
    jobs.run_enqueued()
"""


class TestFixture(SiteTestCase):
    def test_a_job_is_seen_and_run_and_one_that_fails_fails_its_test(self) -> None:
        if find_spec("pytest") is None:
            self.skipTest("This bench has no pytest.")
        frappe.db.rollback()  # SQLite has room for one writer
        with TemporaryDirectory() as folder:
            (Path(folder) / "conftest.py").write_text(CONFTEST.format(site=frappe.local.site), "utf-8")
            (Path(folder) / "test_shop.py").write_text(TEST, "utf-8")
            ran = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:debugging", "-rA", folder],
                cwd=Path(get_bench_path()) / "sites",
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertIn("1 failed, 1 passed", ran.stdout, ran.stdout[-3_000:] + ran.stderr[-1_000:])
        self.assertIn("ValueError: this one fails, on purpose", ran.stdout)
