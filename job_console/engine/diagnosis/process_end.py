"""How the process of a job ended, in words: RQ's worker writes down the status that `waitpid` gave it for its horse.

That is no number of a signal. A process that is killed has the signal in its lowest bits, with 128 added where a core
was written; one that leaves with an exit code has the code times 256; and `None` means that RQ did not see the end.
"""

from __future__ import annotations

import os
import re
import signal

from ..messages import Message, _
from ..models.jobs import Job
from ..rq.records import ABANDONED, STUCK, TERMINATED
from ..wording import duration

#: `… waitpid returned 139 (signal 11); `; RQ before 1.12 without the brackets.
_STATUS = re.compile(r"waitpid returned (?P<status>-?\d+|None)")
#: After its timeout and this a worker that forks kills a horse that does not end.
_WORKER_WAITS_S = 60.0
#: What the processor or the C library ends a process with.
_CRASHES = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT, signal.SIGSYS, signal.SIGTRAP}
)


def cause(kind: str, message: str, job: Job | None = None) -> Message | None:
    """Of a failure that RQ's worker or its maintenance wrote down, not the job itself; None: of another one."""
    if kind == TERMINATED:
        return words(message, job)
    if kind == ABANDONED:
        return _("its worker or its process ended in the middle, and RQ's maintenance found that out later")
    if kind == STUCK:
        return _("its worker died between taking it and starting it")
    return None


def words(message: str, job: Job | None = None) -> Message:
    """`its process was killed (SIGKILL), as …`. `job`: where it is known how long it ran, and how long it may."""
    found = _STATUS.search(message)
    if found is None or found["status"] == "None":
        return _unseen(message, job)
    status = int(found["status"])
    if status > 0 and os.WIFSIGNALED(status):
        return _by_signal(os.WTERMSIG(status))
    code = os.waitstatus_to_exitcode(status) if status >= 0 and os.WIFEXITED(status) else status
    if code == 1:
        return _("its process left with exit code 1, as RQ's own does when it cannot write down how a job ended")
    return _("its process left with exit code {code}, without an exception").format(code=code)


def was_killed(message: str) -> bool:
    """Whether something ended its process. False: that left by itself, with an exit code."""
    found = _STATUS.search(message)
    return found is None or found["status"] == "None" or os.WIFSIGNALED(int(found["status"]) & 0xFFFF)


def _by_signal(number: int) -> Message:
    if number == signal.SIGKILL:
        return _("its process was killed (SIGKILL), as the kernel does when memory runs out")
    if number not in set(signal.Signals):
        return _("its process was killed (signal {number})").format(number=number)
    known = signal.Signals(number)
    if known in _CRASHES:
        return _("its process crashed ({signal}) in native code, as a faulty C library does").format(signal=known.name)
    return _("its process was killed ({signal})").format(signal=known.name)


def _unseen(message: str, job: Job | None) -> Message:
    """The worker killed it itself, or somebody else has asked for its status."""
    if job is not None and job.timeout_s and job.timeout_s > 0 and job.started_at and job.ended_at:
        ran = (job.ended_at - job.started_at).total_seconds()
        if ran >= job.timeout_s + _WORKER_WAITS_S - 1:  # the worker and its horse begin to count at two moments
            return _(
                "it ran out of time and did not hear its timeout of {duration}: its worker killed it a minute later"
            ).format(duration=duration(job.timeout_s))
    return _("its process ended without a word. {message}").format(message=message.strip(" ;"))
