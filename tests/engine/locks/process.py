"""Another process that takes a lock."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions

from ...support.worker import VARIABLE

ROOT = Path(__file__).resolve().parents[3]
NAME = "a.localhost|faults"


class Process:
    """Another process that holds the lock, or waits for it."""

    def __init__(self, url: str, ttl: float, wait: float = 0.0) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.support.locker", NAME, str(ttl), str(wait)],
            cwd=ROOT,
            env={**os.environ, VARIABLE: url, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def token(self) -> int:
        """Waits until it has the lock."""
        word, _, token = self._line().partition(" ")
        assert word == "token", word
        return int(token)

    def end(self) -> str:
        """Let it leave its block; what became of its lock."""
        assert self.popen.stdin is not None
        self.popen.stdin.write("\n")
        self.popen.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self.popen.stdout is not None
        return self.popen.stdout.readline().strip()

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.popen.kill()
        self.popen.communicate()


def taking(redis: Any, wait: float = 0.0, ttl: float = 60.0) -> Lock:
    return Lock(redis, NAME, LockOptions(ttl_s=ttl, wait_s=wait))
