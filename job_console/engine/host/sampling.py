"""When the stacks of a running job are read anew, and what an older sample still says."""

from __future__ import annotations

from dataclasses import replace
from time import time

from ..models.stacks import Armed, Sample, Seen
from ..stacks import code_lines, sample
from ..stacks import limits as stacks_limits


def stacks_due(known: Seen | None, found: Sample) -> bool:
    """Whether to read the stacks anew. A dump interrupts the system call of a waiting thread, so a thread that has not
    run since the last one is not asked.
    """
    if known is None or not (known.after.stacks or known.after.problem):
        return True
    taken = known.after.at if known.after.stacks_at is None else known.after.stacks_at
    return not asleep(known.after, found) and time() - taken >= stacks_limits.READER_STACKS_S


def asleep(before: Sample, found: Sample) -> bool:
    """Whether the main thread has not run since the stack of `before` was read."""
    return bool(before.stacks) and before.stacks_at is None and before.process.threads[:1] == found.process.threads[:1]


def with_stacks_of(before: Sample, found: Sample) -> Sample:
    """The sample `found` with the stacks of `before`, and when those were read."""
    taken = None if asleep(before, found) else before.at if before.stacks_at is None else before.stacks_at
    return replace(found, stacks=before.stacks, problem=before.problem, stacks_at=taken)


def settled(armed: Armed, found: Sample | None) -> Sample | None:
    """The sample with the counters of after the dump, which itself wakes the thread; the next sample is compared with
    these.
    """
    after = sample.take(armed, stacks=False) if found and found.stacks else None
    return replace(after, stacks=found.stacks) if found and after else found


def stands(before: Sample, after: Sample) -> bool:
    return code_lines.within(before.main, after.main)
