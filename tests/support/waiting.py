"""Waiting for something to become true, instead of sleeping and hoping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], timeout: float = 120.0, message: str = "") -> T:
    """The first true answer of `condition`; fails when there is none within `timeout` seconds.

    The limit is for what never comes: a machine that is busy with other things may take a minute for a second's work.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {timeout:g} s: {message or condition.__name__}; last answer {answer!r}")
        time.sleep(0.02)
