"""What `versions.STANDS_ON` says is what our modules import, and what this Frappe has."""

import ast
import importlib
from contextlib import suppress
from pathlib import Path

import job_console
from job_console.bridge import versions
from job_console.bridge.tests.testing import SiteTestCase

ROOT = Path(job_console.__file__).parent
ROOMS = ("bridge", "runtime", "job_console", "testing")


def imported(file: Path) -> set[str]:
    """Names that a module takes from Frappe's inner modules."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("frappe."):
            found |= {f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "frappe":
            found |= {f"frappe.{each.name}" for each in node.names if each.name != "_"}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names if each.name.startswith("frappe.")}
    return found


def modules() -> dict[str, set[str]]:
    """Of what is shipped."""
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    shipped = [file for file in files if "tests" not in file.parts and not file.name.startswith("test_")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts): imported(file) for file in shipped}


def is_there(name: str) -> bool:
    if not name.startswith("frappe"):
        return versions.has_doctype(name)
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        with suppress(ImportError):
            found = importlib.import_module(".".join(parts[:count]))
            for part in parts[count:]:
                found = getattr(found, part, None)
            return found is not None
    return False


class TestVersions(SiteTestCase):
    def test_each_module_stands_on_what_is_written_and_on_nothing_else(self) -> None:
        for module, names in modules().items():
            listed = {each.name for each in versions.STANDS_ON.get(module, ())}
            with self.subTest(module):
                self.assertEqual(names - listed, set())
        self.assertEqual(set(versions.STANDS_ON) - set(modules()), set())

    def test_what_every_version_has_is_here_and_what_stands_in_is_said(self) -> None:
        for module, names in versions.STANDS_ON.items():
            for each in names:
                with self.subTest(module=module, name=each.name):
                    self.assertEqual(each.everywhere, not each.otherwise)
                    self.assertTrue(is_there(each.name) or not each.everywhere)

    def test_the_desk_has_one_way_in_front(self) -> None:
        self.assertIn(versions.desk_route("job-monitor"), ("/app/job-monitor", "/desk/job-monitor"))
        self.assertTrue(versions.in_test())
