"""Jobs that print and log. Each is caught, as the hooks do in a bench (`runtime.run.log`)."""

# ruff: noqa: T201
from __future__ import annotations

import contextlib
import io
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator

from rq import get_current_job

from job_console.engine.output import capture, record
from job_console.engine.redis.link import pipelined
from job_console.engine.stacks import serving


@contextlib.contextmanager
def caught(read: bool = True) -> Iterator[None]:
    """`read`: the reader of the host is told of it."""
    job = get_current_job()
    pipeline = pipelined(job.connection)
    capture.begin(job.id, round(time.time(), 3))
    if read and serving.announce(pipeline, job.id, worker=job.worker_name) and pipeline.execute()[-1]:
        serving.start(job.connection)
    try:
        yield
    finally:
        content = capture.end()
        if content is not None:
            record.write(pipeline, job.id, content, record.ENDED, well=sys.exc_info()[1] is None)
        serving.withdraw(pipeline, job.id)
        pipeline.execute()


def loggers() -> tuple[logging.Logger, logging.Logger]:
    """One as everybody's, and one as `frappe.logger` makes them: it writes its own file, and tells nobody above."""
    plain, own = logging.getLogger("shop"), logging.getLogger("frappe.shop")
    own.propagate = False
    own.setLevel(logging.INFO)
    own.handlers = [logging.StreamHandler(io.StringIO())]
    return plain, own


def say_everything() -> None:
    with caught(read=False):
        plain, own = loggers()
        print("first", 1, end="")
        print(" goes on")
        plain.warning("%d of %d", 3, 4)
        own.info("of Frappe's")
        own.debug("too fine")
        warnings.warn("old habit", stacklevel=1)
        print("to the other stream", file=sys.stderr)
        with contextlib.redirect_stdout(io.StringIO()) as kept:
            print("for somebody else")
        print(f"kept {kept.getvalue()!r}")
        thread = threading.Thread(target=print, args=("of a thread",))
        thread.start()
        thread.join()
        child = multiprocessing.get_context("fork").Process(target=print, args=("of a child",))
        child.start()
        child.join()
        logging.getLogger("rq.worker").error("of the worker")
        plain.error("%d", "no number")
        print("\x1b[31mred\x1b[0m \x07bell \u202eturned\nhalf\rwhole\npass\x1b[1mword=hunter2")
        try:
            int("no stock")
        except ValueError:
            own.exception("failed")


def say_much(lines: int) -> None:
    with caught(read=False):
        for number in range(lines):
            print(f"line {number}")


def say_and_sleep(again_every_s: float = 0.0) -> None:
    with caught():
        print("it begins")
        while again_every_s:
            time.sleep(again_every_s)
            print("it goes on")
        print("half a line", end="")
        time.sleep(100)


def say_and_die() -> None:
    with caught():
        print("last words")
        get_current_job().connection.rpush("test:pids", os.getpid())
        os.kill(os.getpid(), signal.SIGKILL)


def say_slowly(lines: int, every_s: float) -> None:
    with caught():
        for number in range(lines):
            print(f"line {number}")
            time.sleep(every_s)


def say_and_fail(text: str, fails: bool) -> None:
    with caught(read=False):
        print(text)
        if fails:
            raise ValueError(text)


def say_nothing() -> None:
    with caught():
        pass
