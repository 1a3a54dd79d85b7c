"""Catches what the job of this process prints and logs, and passes it on as if nothing were there.

What is printed: the `write` of the two streams, on the objects themselves, so that `sys.stdout` stays the object that
it is, with its buffer, its descriptor and its encoding, also for who has kept it. What is logged: where a logger has
made its record and hands it to its handlers, so that a logger that does not propagate, as Frappe's, is heard too; what
those handlers write to a stream is not caught a second time.

Of another process that this one starts by `fork`, too; not of what is written to the descriptors themselves, by other
programs or C code. RQ's own loggers speak of the worker, not of the job.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from . import entries, limits
from .ring import Content, Ring, path_of

_FORMATTER = logging.Formatter()


class _Run:
    """What is caught of one run."""

    def __init__(self, job_id: str, at: float, pid: int | None) -> None:
        self.job_id, self.at, self.pid = job_id, at, pid
        #: A run that says nothing has none.
        self.ring: Ring | None = None
        #: A signal's handler may print while its thread does.
        self.lock = threading.RLock()
        #: Which stream and thread is in the middle of a line, and how long that may still become.
        self._line: tuple[str, int] | None = None
        self._left = 0
        #: When a line was last drawn anew, as a progress bar is; and what would stand there now.
        self._drawn_at = 0.0
        self._bar: tuple[tuple[str, int], str] | None = None

    def printed(self, source: str, text: str) -> None:
        who = (source, threading.get_ident())
        with self.lock:
            draws = text.startswith("\r") and "\n" not in text
            if draws and self._line == who and monotonic() < self._drawn_at + limits.BAR_EVERY_S:
                self._bar = (who, text)
                return
            self._draw_bar()
            if draws:
                self._drawn_at = monotonic()
            self._put(who, text)

    def _put(self, who: tuple[str, int], text: str) -> None:
        data = entries.text_bytes(text)
        if self._line != who or self._left < len(data):
            self._left = limits.ENTRY_CHARS
            data = entries.head("", who[0]) + data
        self._left -= len(data)
        self._line = None if text.endswith("\n") else who
        self._write(data)

    def _write(self, data: bytes) -> None:
        if self.ring is None:
            self.ring = Ring(self.at, self.pid)
        self.ring.write(data)

    def _draw_bar(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            self._put(*bar)

    def logged(self, record: logging.LogRecord) -> None:
        text = _message(record)
        if record.exc_info:
            text = f"{text}\n{_FORMATTER.formatException(record.exc_info)}"
        elif record.exc_text:
            text = f"{text}\n{record.exc_text}"
        if record.stack_info:
            text = f"{text}\n{record.stack_info}"
        data = entries.head(record.levelname, entries.name_of(record.name)) + entries.text_bytes(text + "\n")
        with self.lock:
            self._draw_bar()
            self._line = None
            self._write(data)

    def end(self) -> Content | None:
        with self.lock:
            self._draw_bar()
            if self.ring is None and self.pid is not None and path_of(self.pid).exists():
                self.ring = Ring(self.at, self.pid)  # a process that it has forked has made it
        if self.ring is None:
            return None
        self.ring.remove()
        return self.ring.content()


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as error:  # its arguments do not fit: its handlers will say so
        _let_timeouts_through(error)
        return str(record.msg)


class _Inside(threading.local):
    #: This thread is in the handlers of a logger.
    logging = False


_run: _Run | None = None
_inside = _Inside()
#: The streams whose `write` is ours, with what they had before.
_streams: list[tuple[Any, Any]] = []
_listens, _call_handlers = False, logging.Logger.callHandlers


def begin(job_id: str, at: float, is_read: bool = True) -> None:
    """From here on, what this process prints is of the run of this job that began at `at`, to the millisecond.

    `is_read`: its host has a reader, which may read it while it runs.
    """
    global _run
    _run = _Run(job_id, at, os.getpid() if is_read else None)
    _listen_to_streams()
    _listen_to_loggers()


def present(job_id: str) -> float:
    """When the run began that is caught, by which the reader of the host finds what it says. 0: none is, or that of a
    job which runs this one within itself."""
    return _run.at if _run and _run.job_id == job_id else 0.0


def end() -> Content | None:
    """The run has ended. Returns what is kept of it; None: it has printed nothing, or nothing was caught."""
    global _run
    run, _run = _run, None
    while _streams:
        stream, before = _streams.pop()
        if getattr(stream.write, "catches", None) is True:  # not when somebody else stands before it
            if before is None:
                del stream.write
            else:
                stream.write = before
    content = run.end() if run else None
    return content if content and content.written else None


def _listen_to_streams() -> None:
    for source, stream in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        if stream is not None and not hasattr(stream.write, "catches"):
            before = getattr(stream, "__dict__", {}).get("write")
            try:
                stream.write = _catching(stream.write, source)  # type: ignore[method-assign]
            except (AttributeError, TypeError):
                continue  # an object of the application's that lets nothing be set
            _streams.append((stream, before))


def _catching(write: Callable[[str], int], source: str) -> Callable[[str], int]:
    def catching(text: str) -> int:
        run = _run
        if run is not None and not _inside.logging and isinstance(text, str) and text:
            _safely(run.printed, source, text)
        return write(text)

    catching.catches = True  # type: ignore[attr-defined]
    return catching


def _listen_to_loggers() -> None:
    """Once in a process: who stands before it since then, as a tracker of errors may, keeps it in its chain."""
    global _call_handlers, _listens
    if not _listens:
        _listens, _call_handlers = True, logging.Logger.callHandlers
        logging.Logger.callHandlers = _handing_over  # type: ignore[method-assign]


def _handing_over(self: logging.Logger, record: logging.LogRecord) -> None:
    """Stands before `logging.Logger.callHandlers`."""
    run = _run
    if run is None or _inside.logging:
        return _call_handlers(self, record)
    _inside.logging = True
    try:
        if record.name != "rq" and not record.name.startswith("rq."):
            _safely(run.logged, record)
        return _call_handlers(self, record)
    finally:
        _inside.logging = False


def _safely(catch: Callable[..., None], *what: Any) -> None:
    """Whatever a job prints, it goes on; only its own timeout, whose signal may arrive in here, must reach it."""
    try:
        catch(*what)
    except Exception as error:  # nobody is left to tell it to: what would say so is what is being caught
        _let_timeouts_through(error)


def _let_timeouts_through(error: Exception) -> None:
    from rq.timeouts import BaseTimeoutException  # the console, which runs no job, does not load it

    if isinstance(error, BaseTimeoutException):
        raise error


def _after_fork() -> None:
    """In a process that a job has forked: another thread of the job's may have held the lock."""
    if _run is not None:
        _run.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
