"""Ties a process to its parent: when the parent dies, however it dies, the child is killed.

    python -m job_console.console.die_with_parent COMMAND [ARGUMENT…]

A tidy parent ends its children itself; this is for the parent that gets no chance to (SIGKILL). Linux only;
elsewhere the command simply runs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tie_to_parent() -> None:
    """Note: Linux counts the *thread* that started us as the parent, so start children from one that stays."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died while we asked
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    tie_to_parent()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  the command is our own caller's


if __name__ == "__main__":
    main()
