"""Parses the text that `faulthandler` writes."""

from __future__ import annotations

import re

from ..models.stacks import Frame, Stack

#: Frames that are kept of each thread; a runaway recursion shows in the first ones.
FRAMES = 40
THREADS = 20
#: Of one thread alone; of the one that writes, and of others.
_HEADERS = ("Stack ", "Current thread ", "Thread ")
_FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$')


def parse(text: str) -> tuple[Stack, ...]:
    """The main thread first: the one that wrote it, as the signal came to it. Then the others, the oldest first.

    `faulthandler` names the youngest first, and no more than a hundred: the main one may be missing.
    """
    threads: list[tuple[bool, list[Frame]]] = []
    for line in text.splitlines():
        found = _FRAME.match(line)
        if line.startswith(_HEADERS):
            threads.append((not line.startswith("Thread "), []))
        elif found and threads and len(threads[-1][1]) < FRAMES:
            threads[-1][1].append(Frame(found[1], int(found[2]), found[3]))
    stacks = [Stack(main, tuple(frames)) for main, frames in reversed(threads)]
    return tuple(sorted(stacks, key=lambda stack: not stack.main))[:THREADS]
