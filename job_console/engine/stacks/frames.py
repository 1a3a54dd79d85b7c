"""The text that `faulthandler` writes, to stacks."""

from __future__ import annotations

import re

from .models import Frame, Stack

#: Of each thread; a runaway recursion shows by its first frames.
FRAMES = 40
THREADS = 20
_FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$')


def parse(text: str) -> tuple[Stack, ...]:
    """The main thread is the last one that `faulthandler` names: it began first."""
    threads: list[list[Frame]] = []
    for line in text.splitlines():
        found = _FRAME.match(line)
        if line.startswith(("Thread ", "Current thread ")):
            threads.append([])
        elif found and threads and len(threads[-1]) < FRAMES:
            threads[-1].append(Frame(found[1], int(found[2]), found[3]))
    last = len(threads) - 1
    stacks = [Stack(place == last, tuple(frames)) for place, frames in enumerate(threads)]
    return tuple(reversed(stacks))[:THREADS]
