"""A gallery of hangs on real workers: is the verdict right, and the line?"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.zoo.fault import RQ

from .conftest import code

pytestmark = pytest.mark.usefixtures("eager_reader")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes what it gets and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


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
