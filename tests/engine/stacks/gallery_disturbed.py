"""Jobs that a signal could disturb, and must not: they check by themselves what became of their work."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import sqlite3
import subprocess
import threading
import time
import weakref
from collections import deque
from pathlib import Path

from .gallery import watched


def called_back() -> None:
    """C code calls Python again and again: each call stands in the list of calls before its frame does."""
    with watched():
        deque(map(_three, itertools.count()), maxlen=0)


def _three(number: int) -> int:
    return sum(map(int.bit_length, (number, number, number)), len(sorted((3, 2, 1), key=_same)))


def _same(number: int) -> int:
    return number


def takes_our_numbers(path: str) -> None:
    """As after `os.closerange`: the numbers of our files are those of its own. It goes on until that is gone."""
    with watched():
        with Path(path).open("wb") as file:
            for entry in Path("/proc/self/fd").iterdir():
                if entry.is_symlink() and str(entry.readlink()).startswith("/memfd:job_console"):
                    os.dup2(file.fileno(), int(entry.name))
            file.write(b"precious")
        Path(path).rename(f"{path}.written")
        while Path(f"{path}.written").exists():
            time.sleep(0.01)


class _Slow:
    """Takes its time to go."""

    def __del__(self) -> None:
        end = time.monotonic() + 0.05
        while time.monotonic() < end:
            sum(range(1_000))


def in_destructors(weakly: bool) -> None:
    """Mostly where Python ignores what is raised."""
    with watched():
        while True:
            one = _Slow()
            if weakly:
                weakref.finalize(one, sum, range(500_000))
            del one
            time.sleep(0.005)


def transfers(path: str, rounds: int) -> int:
    """Moves one from an account to the other, with a line in the ledger, in one transaction each; and uses all that a
    signal could disturb: a socket, a file, a child, a lock, a sleep. Returns how many were made.
    """
    here, there = socket.socketpair()
    lock = threading.Lock()
    with watched(), contextlib.closing(sqlite3.connect(path, timeout=30)) as database:
        for number in range(rounds):
            with database:
                database.execute("update account set amount = amount - 1 where name = 'a'")
                here.sendall(number.to_bytes(4, "big") * 5_000)
                with lock:
                    time.sleep(0.0005)
                got = b""
                while len(got) < 20_000:
                    got += there.recv(20_000 - len(got))
                if got != number.to_bytes(4, "big") * 5_000:
                    raise AssertionError("what came is not what was sent")
                database.execute("update account set amount = amount + 1 where name = 'b'")
                database.execute("insert into ledger values (?)", (number,))
            if number % 50 == 0 and subprocess.run(["/bin/true"], check=False).returncode:
                raise AssertionError("a child failed")
    return rounds
