"""A gallery of hangs on real workers: is the verdict right, and the line?"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rq import Queue

from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.models.stacks import Armed
from job_console.engine.redis import keys
from job_console.engine.service import Console
from tests.support.waiting import wait_until
from tests.zoo.fault import RQ

from . import gallery

LINES = Path(gallery.__file__).read_text("utf-8").splitlines()
pytestmark = pytest.mark.usefixtures("eager_reader")


def code(answer: dict[str, Any]) -> str:
    """The source at the place that was named; "" when none in the gallery was."""
    place = answer["place"]
    return LINES[place["line"] - 1].strip() if place and place["file"].endswith("gallery.py") else ""


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes what it gets and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    do_or_skip("mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def frozen_disk(tmp_path: Path) -> Iterator[Path]:
    """Who writes on it waits, and can not be ended, until it thaws: after the test, before its worker is."""
    image, folder = tmp_path / "image", tmp_path / "frozen"
    folder.mkdir()
    image.write_bytes(b"")
    os.truncate(image, 16 << 20)
    do_or_skip("mkfs.ext4", "-q", str(image))
    do_or_skip("mount", "-o", "loop", str(image), str(folder))
    try:
        do_or_skip("fsfreeze", "--freeze", str(folder))
        yield folder
        subprocess.run(["fsfreeze", "--unfreeze", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def do_or_skip(*command: str) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip(f"{command[0]} is not installed here")
    if done.returncode:
        pytest.skip(f"this machine does not let us {command[0]}: {done.stderr.strip()}")


@pytest.fixture(params=[True, False], ids=["forks", "no-fork"])
def where(request: pytest.FixtureRequest, run: Callable[..., Any], console: Console) -> Callable[..., dict[str, Any]]:
    """where("sleep", verdict="waiting"): asked until it says so, with so many stacks, since a job may only just have
    begun.
    """

    def ask(
        name: str, *arguments: Any, verdict: str = "waiting", line: str = "", text: str = "", stacks: int = 0
    ) -> dict[str, Any]:
        job = run(name, *arguments, fork=request.param)
        answers: list[dict[str, Any]] = []

        def said() -> bool:
            answers.append(console.where(job.id))
            is_there = (not line or code(answers[-1]) == line) and text in answers[-1]["text"]
            return answers[-1]["verdict"] == verdict and is_there and len(answers[-1]["stacks"]) >= stacks

        try:
            wait_until(said, message=f"{name} is {verdict}")
        except AssertionError as late:
            raise AssertionError(answers[-1]) from late
        return answers[-1]

    return ask


def test_socket(where: Callable[..., dict[str, Any]], silent_port: int) -> None:
    answer = where("socket_read", silent_port, line="other.recv(1)")
    assert answer["waits_for"] == "socket"
    assert f"127.0.0.1:{silent_port}" in answer["text"]


@pytest.mark.parametrize("name", ["http_get", "http_get_with_timeout"])
def test_network_library(where: Callable[..., dict[str, Any]], silent_port: int, name: str) -> None:
    answer = where(name, silent_port, text=f"(127.0.0.1:{silent_port})")  # at first it connects
    assert code(answer).startswith("urllib.request.urlopen(")
    assert answer["waits_for"] == "network"
    assert "in urllib.request.urlopen" in answer["text"]
    assert f"(127.0.0.1:{silent_port})" in answer["text"], "also of a library that polls, to wait no longer than so"
    assert answer["port"]


def test_sleep(where: Callable[..., dict[str, Any]]) -> None:
    assert where("sleep", line="time.sleep(100)")["waits_for"] == "sleep"


def test_database_lock(where: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    path = str(tmp_path / "rows.db")
    with contextlib.closing(sqlite3.connect(path)) as holder:
        holder.execute("begin immediate")
        answer = where("row_lock", path, line='database.execute("begin immediate")')
    assert answer["waits_for"] in ("sleep", "database")


def test_deadlock_between_threads(where: Callable[..., dict[str, Any]]) -> None:
    answer = where("threads_deadlock", verdict="blocked", line="with other:")
    assert answer["waits_for"] == "lock"
    assert "does its other thread" in answer["text"]
    assert "deadlock" in answer["text"]


def test_deadlock_with_itself(where: Callable[..., dict[str, Any]]) -> None:
    answer = where("own_lock_twice", verdict="blocked", line="with watched(), lock, lock:")
    assert "nobody else is there" in answer["text"]


def test_a_thread_at_work_is_no_deadlock(where: Callable[..., dict[str, Any]]) -> None:
    assert where("waits_for_a_working_thread", line="helper.join()")["waits_for"] == "lock"


def test_a_thread_that_was_not_looked_at_may_be_at_work(where: Callable[..., dict[str, Any]]) -> None:
    """The line is the main thread's also when a dump ends before it comes to that one."""
    answer = where("more_threads_than_are_read", line="helper.join()")
    assert answer["waits_for"] == "lock"
    assert answer["process"]["threads"] >= 112


def test_endless_python_loop(where: Callable[..., dict[str, Any]]) -> None:
    answer = where("python_loop", verdict="spinning")
    assert answer["place"]["function"] == "python_loop"
    assert answer["process"]["cpu_share"] > 0


@pytest.mark.parametrize(("name", "line"), [("regular_expression", "re.match("), ("c_call_with_gil", "sum(")])
def test_c_code_that_holds_the_interpreter(where: Callable[..., dict[str, Any]], name: str, line: str) -> None:
    answer = where(name, verdict="spinning")
    assert code(answer).startswith(line)
    assert "one long call, or many short ones" in answer["text"]


def test_c_code_that_waits_with_the_interpreter(where: Callable[..., dict[str, Any]]) -> None:
    answer = where("c_wait_with_gil", line="ctypes.PyDLL(None).read(reading, ctypes.create_string_buffer(1), 1)")
    assert answer["waits_for"] == "pipe"


def test_child(where: Callable[..., dict[str, Any]]) -> None:
    answer = where("child")
    assert code(answer).startswith("subprocess.run(")
    assert answer["waits_for"] == "child"


def test_file_lock(where: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        assert where("file_lock", str(path), line="fcntl.flock(file, fcntl.LOCK_EX)")["waits_for"] == "file"


def test_pipe(where: Callable[..., dict[str, Any]]) -> None:
    assert where("pipe_read", line="os.read(reading, 1)")["waits_for"] == "pipe"


@pytest.mark.parametrize("name", ["named_pipe_read", "named_pipe_open"])
def test_named_pipe(where: Callable[..., dict[str, Any]], tmp_path: Path, name: str) -> None:
    answer = where(name, str(tmp_path / "pipe"))
    assert answer["place"]["function"] == name
    assert answer["waits_for"] == "pipe"


def test_sleep_by_select(where: Callable[..., dict[str, Any]]) -> None:
    """As Python before 3.11 sleeps."""
    assert where("sleeps_by_select", line="select.select([], [], [], 100)")["waits_for"] == "sleep"


def test_what_is_no_file_is_no_disk(where: Callable[..., dict[str, Any]]) -> None:
    answer = where("inotify_read", line="os.read(ctypes.CDLL(None).inotify_init(), 1)")
    assert answer["waits_for"] == "events"


def test_a_thread_that_blocks_signals_is_no_matter(where: Callable[..., dict[str, Any]]) -> None:
    where("a_thread_blocks_signals", line="time.sleep(100)")


def test_a_job_that_blocks_signals(where: Callable[..., dict[str, Any]]) -> None:
    answer = where("blocks_signals")
    assert answer["stacks"] == []
    assert answer["text"].endswith("not known: its main thread does not take the signal now.")
    assert answer["waits_for"] == "sleep", "the kernel knows"


@pytest.mark.parametrize(
    ("name", "verdict", "waits_for"),
    [
        ("waits_for_room", "waiting", "sleep"),
        ("database_without_room", "waiting", "sleep"),
        ("demands_room", "spinning", None),
    ],
)
def test_full_disk(
    where: Callable[..., dict[str, Any]], small_disk: Path, name: str, verdict: str, waits_for: str | None
) -> None:
    """The system says so at once: a job fails of it, or tries again. Then the disk is named beside what it does."""
    answer = where(name, str(small_disk / "rows.db"), verdict=verdict, text="Hardly any room is left")
    assert answer["place"]["function"] == name
    assert answer["waits_for"] == waits_for
    assert answer["text"].endswith("Hardly any room is left on the disk of rows.db."), answer["text"]


def test_disk_that_does_not_answer(where: Callable[..., dict[str, Any]], frozen_disk: Path) -> None:
    """As when the storage below a file system has no room and makes who writes wait, or when a file server is gone."""
    answer = where("write_file", str(frozen_disk / "file"), verdict="blocked")
    assert answer["waits_for"] == "disk"
    assert "its disk does not answer" in answer["text"]
    assert answer["text"].endswith("not known: it is in the kernel, and does not take a signal.")


def test_work(where: Callable[..., dict[str, Any]]) -> None:
    assert where("works", verdict="working")["process"]["cpu_share"] > 0


def test_deep_and_wide(where: Callable[..., dict[str, Any]]) -> None:
    """Bounded, and the thread that runs the job is still the one that is named."""
    assert len(where("deep", line="time.sleep(100)")["stacks"][0]["frames"]) == 40


def test_many_threads(request: pytest.FixtureRequest, where: Callable[..., dict[str, Any]]) -> None:
    # A worker that does not fork has one more, which hears commands. Before rq 2 that never sleeps for long.
    sleepless = RQ < (2, 0) and "no-fork" in request.node.name
    answer = where("many_threads", line="time.sleep(100)", stacks=1 if sleepless else 20)
    assert len(answer["stacks"]) <= 20
    assert answer["process"]["threads"] >= 31
    assert [stack["main"] for stack in answer["stacks"]].count(True) == 1


@pytest.mark.parametrize("fork", [True, False])
def test_stopped(run: Callable[..., Any], redis: Any, console: Console, fork: bool) -> None:
    job = run("sleep", fork=fork)
    pid = armed_pid(redis, job.id)
    wait_until(lambda: console.where(job.id)["verdict"] == "waiting")
    os.kill(pid, signal.SIGSTOP)
    try:
        answer = console.where(job.id)
        assert answer["verdict"] == "stopped"
        assert "SIGCONT" in answer["text"]
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: console.where(job.id)["verdict"] == "waiting")


def armed_pid(redis: Any, job_id: str) -> int:
    armed = Armed.from_text(redis.hget(keys.ARMED, job_id))
    assert armed
    return armed.pid


def test_on_another_host(
    redis: Any, workers: Any, reading: None, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own name, processes and /proc, as in a container: nothing of it can be seen from here but through Redis."""
    apart = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts", "--ipc")
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let us make namespaces")
    monkeypatch.setattr(jobs_limits, "RUNG_WAIT_S", 30.0)
    job = Queue("default", connection=redis).enqueue(f"{gallery.__name__}.sleep", job_timeout=600)
    workers.start("default", inside=apart)
    wait_until(lambda: redis.hexists(keys.ARMED, job.id))
    answer = wait_until(lambda: (found := console.where(job.id))["waits_for"] == "sleep" and found)
    assert code(answer) == "time.sleep(100)", answer
    assert armed_pid(redis, job.id) < 100, "a pid of its own host"
    (result,) = console.act("stop_gently", [job.id])["results"]
    assert "was interrupted" in result["reason"], result
