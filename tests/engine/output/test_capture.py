"""What is caught in a process, and that whoever prints notices nothing."""

# ruff: noqa: T201
from __future__ import annotations

import contextlib
import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rq.timeouts import JobTimeoutException

from job_console.engine.output import capture, entries, limits, ring
from job_console.engine.output.ring import Ring


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    """out(): a stream as a process has, caught. In the test itself, as pytest sets another one before that."""

    def begin() -> Any:
        stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace", write_through=True)
        monkeypatch.setattr(sys, "stdout", stream)
        capture.begin("job", 7.0)
        return stream

    yield begin
    capture.end()


def texts(content: Any) -> list[str]:
    return [entries.shown(entry.text) for entry in entries.parse(content.data)] if content else []


def test_the_stream_is_what_it_was(out: Any) -> None:
    stream = out()
    assert type(sys.stdout) is io.TextIOWrapper
    assert sys.stdout.write("four") == 4
    sys.stdout.writelines(["a\n", "b\n"])
    sys.stdout.buffer.write(b"bytes\n")
    with pytest.raises(TypeError):
        sys.stdout.write(b"no text")  # type: ignore[arg-type]
    assert stream.buffer.getvalue() == b"foura\nb\nbytes\n"
    assert capture.present("job") == 7.0
    assert capture.present("another") == 0.0
    assert ring.path_of(os.getpid()).exists()
    assert texts(capture.end()) == ["foura", "b"]
    assert "write" not in vars(stream)
    print("later")
    assert capture.end() is None
    assert capture.present("job") == 0.0
    assert not ring.path_of(os.getpid()).exists()


def test_a_stream_that_lets_nothing_be_set_and_one_that_has_been_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fixed:
        __slots__ = ()

        def write(self, text: str) -> int:
            return len(text)

    class Changed(io.StringIO):
        pass

    changed, seen = Changed(), []
    changed.write = seen.append  # type: ignore[method-assign, assignment]
    monkeypatch.setattr(sys, "stdout", Fixed())
    monkeypatch.setattr(sys, "stderr", changed)
    capture.begin("job", 7.0)
    capture.begin("job", 8.0)  # as after a job that was not ended
    print("there")
    print("here", file=sys.stderr)
    assert texts(capture.end()) == ["here"]
    assert seen == ["here", "\n"]
    assert changed.write == seen.append


def test_a_timeout_that_comes_while_it_is_caught_reaches_the_job(out: Any) -> None:
    out()

    class Late:
        def __str__(self) -> str:
            raise JobTimeoutException("late")

    class Bad:
        def __str__(self) -> str:
            raise RuntimeError("bad")

    with pytest.raises(JobTimeoutException):
        logging.getLogger("shop").warning("%s", Late())
    print("and then")
    with contextlib.suppress(RuntimeError):
        logging.getLogger("shop").warning("%s", Bad())
    assert texts(capture.end()) == ["and then", "%s"]


def test_a_handler_that_prints_is_not_heard_twice(out: Any) -> None:
    stream = out()
    logger = logging.getLogger("shop.twice")
    logger.propagate = False
    logger.handlers = [logging.StreamHandler(sys.stdout)]
    logger.error("once")
    assert stream.buffer.getvalue() == b"once\n"
    assert texts(capture.end()) == ["once"]


def test_long_and_odd_texts(out: Any) -> None:
    out()
    print("x" * 100_000 + "\nthe end")
    print("a\x1eb\udcff")
    print("password=", end="")
    print("y" * 1_900, end="")
    print("hunter2", "z" * 500)
    long, odd, secret = texts(capture.end())
    assert long == "x" * 1_000 + " … (100,008 characters)\nthe end"
    assert odd == "a?b?"
    assert secret == "password=" + "y" * 1_900 + "hunter2 " + "z" * 500, "one line, so that its secret is hidden"


def test_a_progress_bar_does_not_push_out_what_was_said_before(out: Any) -> None:
    out()
    print("before")
    for percent in range(5_000):
        sys.stdout.write(f"\r{percent / 50:.2f} %" + " " * 70)
    print("\nafter")
    sys.stdout.write("\rhalf")
    sys.stdout.write("\rwhole")
    assert [each.split() for each in texts(capture.end())] == [["before"], ["99.98", "%", "after"], ["whole"]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ring, "FOLDER", tmp_path)
    return tmp_path


def test_a_reader_leaves_out_what_is_overwritten_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Ring(7.0, os.getpid())
    for number in range(limits.KEPT_BYTES // 10 + 500):
        writer.write(b"%09d\n" % number)
    assert ring.find(os.getpid(), 8.0) is None, "of another run"
    file = ring.find(os.getpid(), 7.0)
    assert file
    real, looks = os.pread, []

    def pread(*arguments: int) -> bytes:
        found = real(*arguments)
        if not looks:
            writer.write(b"new" * 10)
        looks.append(arguments)
        return found

    monkeypatch.setattr(ring.os, "pread", pread)
    found = ring.read(file)
    os.close(file)
    assert found
    assert len(found.data) == limits.KEPT_BYTES - 30
    assert found.data.endswith(b"%09d\n" % number)
    assert found.data in writer.content().data
    writer.remove()
    assert not list(folder.iterdir())


def test_without_shared_memory_or_with_somebody_elses_file_there_it_is_kept_all_the_same(
    folder: Path, out: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = folder / "precious"
    precious.write_text("precious")
    ring.path_of(os.getpid()).symlink_to(precious)
    out()
    print("one")
    assert ring.find(os.getpid(), 7.0) is None
    assert texts(capture.end()) == ["one"]
    assert precious.read_text() == "precious"
    for place in (folder / "none", Path("/proc/self/nowhere")):
        monkeypatch.setattr(ring, "FOLDER", place)
        out()
        print("two")
        assert texts(capture.end()) == ["two"]


def test_what_no_reader_has_found_is_found_later(folder: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid in (gone.pid, os.getpid()):
        Ring(7.0, pid).write(b"x")
        os.utime(ring.path_of(pid), (1, 1))
    Ring(7.0, 2**22 + 1).write(b"just now")
    assert list(ring.left_behind()) == [ring.path_of(gone.pid)]
