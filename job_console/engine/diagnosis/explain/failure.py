"""Why a run failed, and what is known of it besides."""

from __future__ import annotations

import re
import signal
from datetime import datetime

from ...messages import _
from ...models.jobs import Failure
from ...retries.models import AGAIN, GAVE_UP, of_run
from ...rq import limits as rq_limits
from ...rq.callbacks import ON_FAILURE
from ...rq.records import ABANDONED, STUCK
from ...stacks import post_mortem
from ...wording import duration, many
from .case import Case, Reason, reason

_SIGNAL = re.compile(r"signal (\d+)|waitpid returned (\d+)")


def ended_well(case: Case) -> datetime | None:
    """When the run ended well that was called abandoned; None: it did not."""
    job = case.job
    if job.error is None or job.error.type != ABANDONED or job.started_at is None:
        return None
    ends = (run.ended_at for run in case.detail.runs if run.outcome == "successful" and run.ended_at)
    return max((at for at in ends if at >= job.started_at), default=None)


def cut(case: Case) -> list[Reason]:
    error = case.job.error
    return [Reason(error.cut)] if error and error.cut else []


def callback(case: Case) -> list[Reason]:
    error = case.job.error
    if error is None or error.callback != ON_FAILURE:
        return []
    text = _("Its on_failure callback failed, too: the traceback ends with that.")
    return [Reason(text, {"callback": ON_FAILURE})]


def repeats_no_more(case: Case) -> list[Reason]:
    """RQ's Repeat follows a run that ended well, and no other."""
    left = case.job.repeats_left
    if not left:
        return []
    repeats = many(left, _("{count:,} repeat was left"), _("{count:,} repeats were left"))
    text = _("RQ repeats only what ended well: {repeats}, which will not come unless it is run again and ends well.")
    return [Reason(text.format(repeats=repeats), {"repeats_left": left})]


def remains(case: Case) -> list[Reason]:
    """What was last seen of a process that was killed."""
    seen = case.facts.remains
    if seen is None:
        return []
    process = seen.after.process
    evidence = {"memory_bytes": process.rss_bytes, "peak_memory_bytes": process.peak_bytes}
    text = post_mortem.words(seen, case.job.ended_at)
    return [Reason(text, {**evidence, "out_of_memory": seen.out_of_memory})]


def cause(case: Case, error: Failure) -> str:
    if error.type == "WorkHorseTerminated":
        return killed(error.message)
    if error.type == ABANDONED:
        return _("its worker or its process ended in the middle, and RQ's maintenance found that out later")
    if error.type == STUCK:
        return _("its worker died between taking it and starting it")
    if error.type == "JobTimeoutException":
        if case.job.timeout_s:
            return _("it ran out of time. It may run {duration}.").format(duration=duration(case.job.timeout_s))
        return _("it ran out of time.")
    return f"{error.type}: {error.message}" if error.message else error.type


def killed(message: str) -> str:
    """RQ says `waitpid returned 9 (signal 9)`, older versions without the brackets."""
    found = _SIGNAL.search(message)
    number = int(found[1] or found[2]) if found else 0
    if number == signal.SIGKILL:
        return _("its process was killed (SIGKILL), as the kernel does when memory runs out")
    if found and number in set(signal.Signals):
        return _("its process was killed ({signal})").format(signal=signal.Signals(number).name)
    return _("its process ended without a word. {message}").format(message=message)


def tries(case: Case) -> list[Reason]:
    """What its policy makes of that."""
    said = case.job.tries
    if said is None:
        return []
    evidence = {"policy": said.policy, "failed": said.failed, "of": said.of, "then": said.then}
    if said.then == AGAIN and not of_run(said, case.job.started_at):
        return []  # of an earlier attempt; the last one was stopped, or is still to be judged
    if said.then == AGAIN:
        return [
            Reason(_("It is tried again, as its policy says: it goes back to its lane when that is due."), evidence)
        ]
    text = _("It is not tried again: {why}.") if said.then == GAVE_UP else _("It waits for you: {why}.")
    return [Reason(text.format(why=said.why), evidence)]


def again_and_again(case: Case) -> list[Reason]:
    """What is known of this method's failures."""
    return [
        reason(warning)
        for warning in case.warnings
        if warning.code in ("crash_loop", "killed") and warning.evidence.get("method") == case.job.call.method
    ]


def runs(case: Case) -> list[Reason]:
    if case.job.tries is not None:
        return []
    failed = sum(run.outcome == "failed" for run in case.detail.runs)
    if failed <= 1:
        return []
    # RQ keeps the newest, and drops what is older.
    more = case.detail.runs_total >= rq_limits.RUNS_KEPT
    times = many(failed, _("{count:,} time"), _("{count:,} times"), at_least=more)
    return [Reason(_("It has been tried {times}.").format(times=times))]
