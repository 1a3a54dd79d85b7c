"""The C functions that a job is in, by py-spy: what it finds, and that the job does not suffer by it."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from job_console.engine.models.stacks import Armed, Native
from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import native, process
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("eager_reader")


def armed(redis: Any, job_id: str) -> Armed:
    found = Armed.from_text(redis.hget(keys.ARMED, job_id))
    assert found
    return found


@pytest.fixture
def asleep(run: Callable[..., Any], redis: Any) -> Armed:
    """A job that has come to its sleep: until then it may be inside the kernel at any moment."""
    mine = armed(redis, run("sleep").id)
    wait_until(lambda: (found := process.read(mine.pid)) and (wait := found.threads[0].wait) and wait.kind == "sleep")
    return mine


@pytest.fixture
def py_spy() -> None:
    if native.program() is None:
        pytest.skip("py-spy is not installed here")
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    if os.geteuid() and scope.exists() and scope.read_text().strip() != "0":
        pytest.skip("this machine lets only root and parents trace a process")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A py-spy of our own: stand_in("sleep 60"). The file that it writes its pid to."""

    def write(script: str) -> Path:
        program, note = tmp_path / "py-spy", tmp_path / "pid"
        program.write_text(f"#!/bin/sh\necho $$ $@ > {note}\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(native, "program", lambda: str(program))
        return note

    return write


@pytest.mark.usefixtures("py_spy")
def test_the_c_function_is_named(run: Callable[..., Any], console: Console) -> None:
    job = run("regular_expression")
    answers: list[dict[str, Any]] = []

    def reported() -> bool:
        answers.append(console.jobs.where(job.id))
        return bool(answers[-1]["native"]) and answers[-1]["verdict"] == "spinning"

    wait_until(reported, message="C functions are told")
    answer = answers[-1]
    assert any("sre_" in frame["function"] for frame in answer["native"]), answer
    assert f"C code ({answer['native'][0]['function']} of" in answer["text"]
    assert "aaaa" not in str(answer), "what the job works on is not read"


@pytest.mark.usefixtures("py_spy")
def test_python_code_that_moves_is_not_stopped(run: Callable[..., Any], console: Console) -> None:
    job = run("works")
    wait_until(lambda: console.jobs.where(job.id)["verdict"] == "working")
    assert console.jobs.where(job.id)["native"] == []


@pytest.mark.usefixtures("py_spy")
def test_it_goes_on_as_before(run: Callable[..., Any], redis: Any) -> None:
    """Stopped and let go again and again, in system calls and outside of them."""
    for name in ("regular_expression", "sleep", "pipe_read"):
        job = run(name)
        mine = armed(redis, job.id)
        wait_until(lambda mine=mine: native.frames(mine), message=f"{name} is inside C code")
        assert sum(bool(native.frames(mine)) for _ in range(20)), name
        found = process.read(mine.pid)
        assert found
        assert found.state in "RS", name
        assert job.get_status(refresh=True) == "started"
        os.kill(mine.pid, signal.SIGKILL)


def test_one_that_does_not_end_is_ended_and_the_job_goes_on(
    asleep: Armed, stand_in: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had died with the job stopped."""
    monkeypatch.setattr(native, "TIMEOUT_S", 3.0)
    note = stand_in(f"kill -STOP {asleep.pid}\nexec sleep 60")
    started = time.monotonic()
    assert native.frames(asleep) == ()
    assert time.monotonic() - started < 30
    pid, *arguments = note.read_text().split()
    assert not Path(f"/proc/{pid}").exists()
    assert arguments == ["dump", "--native", "--json", "--pid", str(asleep.pid)]
    wait_until(lambda: (found := process.read(asleep.pid)) and found.state == "S")


@pytest.mark.parametrize(
    "said", ["exit 1", "echo", "echo '[]'", "echo '{}'", "echo '[{\"os_thread_id\": 1}]'", "echo 1"]
)
def test_what_it_does_not_say_is_nothing(asleep: Armed, stand_in: Callable[[str], Path], said: str) -> None:
    note = stand_in(said)
    assert native.frames(asleep) == ()
    assert note.exists(), "it was asked"


def test_one_that_cannot_be_started_is_as_if_there_were_none(
    asleep: Armed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "py-spy"
    program.write_text("no program")
    for mode in (0o755, 0o644):
        program.chmod(mode)
        monkeypatch.setattr(native, "program", lambda: str(program))
        assert native.frames(asleep) == ()


def test_a_stopped_job_is_left_alone(asleep: Armed, stand_in: Callable[[str], Path]) -> None:
    note = stand_in("echo '[]'")
    os.kill(asleep.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: (found := process.read(asleep.pid)) and found.state == "T")
        assert native.frames(asleep) == ()
        assert not note.exists()
    finally:
        os.kill(asleep.pid, signal.SIGCONT)


def test_frames_of_python_end_the_list() -> None:
    frames = [
        {"name": "inner", "module": "/usr/lib/libc.so.6"},
        {"name": "0x7f00", "module": "/usr/lib/stripped.so"},
        {"name": "outer", "module": "/x/lib.so"},
        {"name": "pull", "module": None},
        {"name": "main", "module": "/usr/bin/python3"},
    ]
    said = [{"os_thread_id": 8, "frames": []}, {"os_thread_id": 7, "frames": frames}]
    assert native._of_main(7, said) == (Native("inner", "libc.so.6"), Native("outer", "lib.so"))
