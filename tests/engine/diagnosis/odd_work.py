"""Jobs and callbacks that end in odd ways, each as some report of RQ's users has it."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from rq import Retry


def leave() -> None:
    """The process ends in the midst, and calls it well: a library that exits, or a child that goes on as its parent."""
    os._exit(0)


def unkept() -> Any:
    """Does its work, and returns what no serializer can keep."""
    return threading.Lock()


def broken_callback(*_given: Any) -> None:
    raise RuntimeError("the callback is broken")


def leave_with(code: int) -> None:
    """The process ends in the midst with an exit code, as a C library does that calls exit()."""
    os._exit(code)


def slow_callback(*_given: Any) -> None:
    time.sleep(60)


def once_more(interval: int) -> Any:
    """Ends well, and asks RQ (2.1 and later) for another run."""
    return Retry(max=3, interval=interval)
