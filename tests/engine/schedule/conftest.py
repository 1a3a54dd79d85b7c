"""A bench's folder, and processes that hold the lock of its scheduler."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import gethostname

import pytest

from tests.support.processes import kill

SITE, HERE = "a.localhost", gethostname()
#: Takes the lock as Frappe's scheduler does; `forks`: and has a child, which then inherits it.
HOLDS = """
import fcntl, os, sys, time
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
child = os.fork() if sys.argv[2] == "forks" else 0
if child or sys.argv[2] != "forks":
    print(child, flush=True)
time.sleep(300)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "sites" / SITE).mkdir(parents=True)
    (tmp_path / "sites" / SITE / "site_config.json").write_text("{}")
    return tmp_path


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def one(how: str = "") -> subprocess.Popen[str]:
        lock = str(folder / "config" / "scheduler_process")
        command = [sys.executable, "-c", HOLDS, lock, how]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout
        started[-1].child = int(started[-1].stdout.readline())  # type: ignore[attr-defined]
        return started[-1]

    yield one
    for each in started:
        for pid in (each.pid, each.child):  # type: ignore[attr-defined]
            if pid:
                kill(pid)
        each.communicate()
