"""The folder of an embedded server: gone after its process, never before."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event, Thread

import pytest

from job_console.console import embedded


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_nobody_removes_the_folder_of_one_that_starts(folders):
    """A run of tests starts many servers at once, and each removes first what was left behind."""
    done = Event()

    def tidy() -> None:
        while not done.is_set():
            embedded.remove_left_behind()

    others = [Thread(target=tidy) for _ in range(2)]
    for other in others:
        other.start()
    try:
        for _ in range(500):
            with tempfile.TemporaryDirectory(prefix="job-console-") as folder, embedded._locked(Path(folder)):
                assert Path(folder, "lock").exists()
    finally:
        done.set()
        for other in others:
            other.join()


def test_what_a_killed_process_left_is_removed_by_the_next(folders):
    code = (
        "from job_console.console.embedded import embedded_server\n"
        "with embedded_server() as server:\n"
        "    print(server.folder, flush=True)\n"
        "    input()\n"
    )
    environment = {**os.environ, "TMPDIR": str(folders)}
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        folder = Path(process.stdout.readline().strip())
        embedded.remove_left_behind()
        assert folder.is_dir()
        process.kill()
    embedded.remove_left_behind()
    assert not folder.exists()
