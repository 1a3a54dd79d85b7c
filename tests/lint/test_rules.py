"""Each rule finds what it is for, where it stands, and leaves alone what only looks like it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from job_console.lint.rules import RULES
from job_console.lint.run import Report

from .cases import FOUND, Case
from .conftest import codes
from .silent_cases import SILENT


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case.id)
def test_found(check: Callable[..., Report], case: Case) -> None:
    report = check(case.files, case.hooks)
    found = [finding for finding in report.findings if finding.code == case.code]
    assert len(found) == 1, codes(report)
    lines = Path(found[0].path).read_text("utf-8").splitlines()
    place = found[0].place
    assert case.line in "\n".join(lines[place.line - 1 : place.end_line])


@pytest.mark.parametrize("case", SILENT, ids=lambda case: f"{case.code}-{case.name}")
def test_silent(check: Callable[..., Report], case: Case) -> None:
    assert case.code not in codes(check(case.files, case.hooks))


def test_each_rule_has_a_case() -> None:
    assert {case.code for case in FOUND} == set(RULES)


def test_nothing_is_found_in_tests(check: Callable[..., Report]) -> None:
    text = "import frappe\n\ndef make():\n    frappe.enqueue(work, now=True)\n"
    assert codes(check({"test_tasks.py": text, "tests/more.py": text})) == []
    assert codes(check({"tasks.py": text})) == ["JC305"]


def test_the_way_to_it_is_told(check: Callable[..., Report]) -> None:
    case = next(case for case in FOUND if case.id == "JC101-through-helpers")
    (finding,) = [one for one in check(case.files).findings if one.code == case.code]
    assert finding.through == ("Order.validate", "Order.tell", "tell_all")


def test_imports_in_a_circle_end(check: Callable[..., Report]) -> None:
    files = {"one.py": "from shop.two import *\n", "two.py": "from shop.one import *\nfrom shop.three import x\n"}
    assert codes(check(files, 'after_install = ["shop.one.x", "shop.two.y", "shop.gone.z"]')) == ["JC801"]


def test_methods_above_and_below_are_followed(check: Callable[..., Report]) -> None:
    files = {
        "base.py": "import frappe\nfrom frappe.model.document import Document\n\nclass Base(Document):\n"
        "    def on_submit(self):\n        frappe.enqueue('frappe.x')\n",
        "shop/doctype/order/order.py": "from shop.base import Base as Above\n\nclass Order(Above):\n"
        "    def validate(self):\n        super().on_submit()\n",
    }
    (finding,) = check(files).findings
    assert (finding.code, finding.path.endswith("base.py")) == ("JC101", True)
