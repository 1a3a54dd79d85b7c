"""Jobs and callbacks that end in odd ways, each as some report of RQ's users has it."""

from __future__ import annotations

import os
import threading
from typing import Any


def leave() -> None:
    """The process ends in the midst, and calls it well: a library that exits, or a child that goes on as its parent."""
    os._exit(0)


def unkept() -> Any:
    """Does its work, and returns what no serializer can keep."""
    return threading.Lock()


def broken_callback(*_given: Any) -> None:
    raise RuntimeError("the callback is broken")
