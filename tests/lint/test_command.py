"""`job-console lint`: its formats, exit codes, settings, exemptions and repairs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from job_console.console.cli import cli
from job_console.lint.fixing import mended
from job_console.lint.rules import RULES
from tests.support.processes import ROOT

from .conftest import DOCTYPE

BAD = "import frappe\n\ndef make(name):\n    frappe.enqueue(work, now=True, title=name)\n"


def run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["lint", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.stdout


def test_exit_codes(app: Callable[..., Path]) -> None:
    folder = app({"tasks.py": BAD})
    assert run(folder)[0] == 1
    assert run(folder, "--ignore", "JC3")[0] == 0
    assert run(folder, "--select", "JC6")[0] == 0
    for wrong in (["--select", "XX"], [folder / "nowhere"], ["--format", "xml"], []):
        assert run(*([folder] if wrong[:1] == ["--select"] else []), *wrong)[0] == 2


def test_notes_are_off_and_do_not_fail(app: Callable[..., Path]) -> None:
    folder = app({"tasks.py": "def run(): pass\n"}, 'scheduler_events = {"cron": {"*/2 * * * *": ["shop.tasks.run"]}}')
    assert json.loads(run(folder, "--json")[1])["findings"] == []
    code, out = run(folder, "--json", "--select", "ALL")
    assert (code, [one["code"] for one in json.loads(out)["findings"]]) == (0, ["JC412"])


def test_text_tells_reason_and_repair(app: Callable[..., Path]) -> None:
    out = run(app({"tasks.py": BAD}))[1]
    assert re.search(r"shop/tasks\.py:4:5: JC305 .* \[warning\]", out)
    assert RULES["JC305"].reason in out
    assert "1 found; 3 files read." in out


def test_github_annotations_are_escaped(app: Callable[..., Path]) -> None:
    out = run(app({"tasks.py": BAD}), "--format", "github")[1]
    assert re.fullmatch(
        r"::warning file=\S+/tasks\.py,line=4,col=5,endLine=4,title=JC305 runs-at-once::now=True[^\n]+\n", out
    )


def test_sarif(app: Callable[..., Path]) -> None:
    document = json.loads(run(app({"tasks.py": BAD, "broken.py": "def"}), "--format", "sarif")[1])
    (of_run,) = document["runs"]
    (result,) = of_run["results"]
    assert document["version"] == "2.1.0"
    assert of_run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "JC305"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 4, "endLine": 4}
    assert "SyntaxError" in of_run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_a_file_alone_is_judged_with_its_app(app: Callable[..., Path]) -> None:
    """Who calls it stands in another file, of which nothing is reported."""
    helper = "import frappe\n\ndef tell(name):\n    frappe.enqueue('frappe.x', name=name)\n"
    order = (
        "import frappe\nfrom frappe.model.document import Document\nfrom shop.helper import tell\n\n"
        "class Order(Document):\n    def validate(self):\n        tell(self.name)\n        frappe.db.commit()\n"
    )
    folder = app({"helper.py": helper, DOCTYPE: order})
    found = json.loads(run(folder / "shop" / "helper.py", "--json")[1])["findings"]
    assert [(one["code"], one["through"]) for one in found] == [("JC101", ["Order.validate", "tell"])]


@pytest.mark.parametrize(
    ("comment", "left"),
    [("# noqa: JC305", 0), ("# noqa: E501, jc305", 0), ("# noqa", 0), ("# noqa: JC101", 1), ("# known", 1)],
)
def test_a_line_can_be_exempted(app: Callable[..., Path], comment: str, left: int) -> None:
    folder = app({"tasks.py": BAD.replace("title=name)", f"title=name)  {comment}")})
    assert len(json.loads(run(folder, "--json")[1])["findings"]) == left


def test_settings_of_pyproject(app: Callable[..., Path]) -> None:
    folder = app({"tasks.py": BAD, "old/tasks.py": BAD})
    pyproject = folder / "pyproject.toml"
    pyproject.write_text('[tool.job-console.lint]\nexclude = ["shop/old/*"]\n')
    assert [Path(one["file"]).parent.name for one in json.loads(run(folder, "--json")[1])["findings"]] == ["shop"]
    pyproject.write_text('[tool.job-console.lint]\nignore = ["JC305"]\n')
    assert run(folder)[0] == 0
    assert run(folder, "--ignore", "JC1")[0] == 1, "the command line instead"
    for wrong in ('select = ["JC999"]', 'ignore = "JC305"', "other = 1", "select = ["):
        pyproject.write_text(f"[tool.job-console.lint]\n{wrong}\n")
        assert run(folder)[0] == 2


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_fix_adds_the_keyword_and_nothing_else(app: Callable[..., Path], end: str) -> None:
    before = (
        "import frappe\nfrom frappe.model.document import Document\n\nclass Order(Document):\n"
        "    def on_update(self):\n"
        "        frappe.enqueue('frappe.x')\n"
        "        frappe.enqueue('frappe.ü', a=('€'), b=(1))  # of one line\n"
        "        frappe.enqueue(\n            'frappe.x',\n            a=1,\n        )\n"
        "        frappe.enqueue(('frappe.y'))\n"
        "        job = frappe.enqueue('frappe.z')\n"
    )
    after = (
        before.replace("('frappe.x')\n", "('frappe.x', enqueue_after_commit=True)\n")
        .replace("b=(1))", "b=(1), enqueue_after_commit=True)")
        .replace("a=1,\n", "a=1,\n            enqueue_after_commit=True,\n")
    )
    folder = app({DOCTYPE: ""})
    path = folder / "shop" / DOCTYPE
    path.write_bytes(before.replace("\n", end).encode())
    code, out = run(folder, "--fix", "--json")
    assert path.read_bytes().decode() == after.replace("\n", end)
    left = [one["line"] for one in json.loads(out)["findings"]]
    assert (code, left) == (1, [13, 14]), (
        "brackets of its own around the last argument; the job that is returned is used"
    )


def test_edits_do_not_move_each_other() -> None:
    from job_console.lint.models import Edit

    assert mended("ä b\nc", [Edit(1, 2, "1"), Edit(1, 4, "2"), Edit(2, 1, "3")]) == "ä1 b2\nc3"


def test_nothing_that_talks_to_redis_is_loaded(app: Callable[..., Path]) -> None:
    asked = (
        "import sys; from job_console.console.cli import cli; "
        "cli(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked, "lint", str(app({"tasks.py": ""}))],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=240,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "croniter" in loaded
    assert not loaded & {"redis", "rq", "frappe", "werkzeug"}


def test_many_files_are_read_by_several_processes(app: Callable[..., Path]) -> None:
    files = {f"part{number}.py": BAD for number in range(70)}
    assert len(json.loads(run(app(files), "--json")[1])["findings"]) == 70


def test_rules_are_listed(app: Callable[..., Path]) -> None:
    out = run("--rules")[1]
    assert [line[:5] for line in out.splitlines() if line.startswith("JC")] == list(RULES)
