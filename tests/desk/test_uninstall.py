"""A site that Job Console leaves is as it was before it came: nothing in its database, in Redis or in its files.

The last of these tests: it uninstalls the app from the site, and installs it again.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from job_console.engine.redis import keys

from ..support.waiting import wait_until
from .conftest import Desk

_HEAD = """import frappe, json
frappe.init({site!r}, sites_path=".")
frappe.connect()
from job_console.bridge.tests import uninstall_testing
"""


def run(desk: Desk, expression: str) -> Any:
    """In the bench's Python, on the site: what a function of `uninstall_testing` returns."""
    script = _HEAD.format(site=desk.site) + f"print(json.dumps(uninstall_testing.{expression}))\nfrappe.db.commit()"
    done = subprocess.run(
        desk.command(f"cd sites && ../env/bin/python -c {shlex.quote(script)}"),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout.splitlines()[-1])


def answers(desk: Desk) -> bool:
    """Whether the site answers a request."""
    try:
        with urlopen(f"{desk.url}/api/method/ping", timeout=60) as answer:
            return bool(answer.status == 200)
    except HTTPError:
        return False


#: Frappe 17 deletes an app's navigation in the dry run, too (`delete_desktop_icon_and_sidebar`).
FRAPPES_OWN = ("tabDesktop Icon", "tabWorkspace Sidebar", "tabWorkspace Sidebar Item", "tabDeleted Document")


def ours(mentions: dict[str, list[str]]) -> dict[str, list[str]]:
    return {table: rows for table, rows in mentions.items() if table not in FRAPPES_OWN}


@pytest.fixture
def installed(desk: Desk) -> Iterator[None]:
    yield
    subprocess.run(desk.command(f"bench --site {desk.site} install-app job_console"), check=True, capture_output=True)


@pytest.mark.usefixtures("installed")
def test_it_leaves_a_site_as_it_was(desk: Desk) -> None:
    run(desk, "only_this_site()")
    desk.start_worker("short")
    job_id = desk.execute("enqueue_here", method="step", count=100_000)
    wait_until(lambda: desk.redis.exists(keys.progress(job_id)), 60, "the job tells how far it has come")
    assert run(desk, f"pause({job_id!r})") == "scheduled"
    desk.end_workers()
    run(desk, "use_everything()")
    assert answers(desk)
    kept = run(desk, "leave()")
    assert answers(desk), "its processes ask for no hook of an app that is not installed"
    before, after = kept["before"], kept["after"]
    assert len(before["keys"]) > 10
    assert before["logs"]
    assert before["files"]
    assert before["lists"]
    assert len(before["mentions"]) > 20
    assert ours(kept["rehearsed"]["mentions"]) == ours(before["mentions"]), "a dry run changes nothing"
    assert len(kept["rehearsed"]["keys"]) > 10
    assert after["mentions"] == {}
    assert after["keys"] == []
    assert (after["logs"], after["files"], after["lists"]) == ([], [], [])
    jobs = ("Checkpoint", "Checkpoint Item", "Incident", "Metric", "Once Key", "Policy")
    gone = {"tabMoved Schedule", *(f"tabJob {name}" for name in jobs)}
    assert set(before["tables"]) - set(after["tables"]) == gone
    assert desk.redis.hget(f"rq:job:{job_id}", "status") == b"queued", "nobody else would have brought it back"
