"""Why a run failed, and what is known of it besides."""

from __future__ import annotations

import re
from datetime import datetime

from ...messages import _
from ...models.jobs import Failure
from ...retries.models import AGAIN, GAVE_UP, of_run
from ...rq import limits as rq_limits
from ...rq import never_began
from ...rq.callbacks import ON_FAILURE
from ...rq.records import ABANDONED
from ...stacks import post_mortem
from ...wording import duration, many
from .. import process_end
from .case import Case, Reason, reason

_ALLOWED = re.compile(r"maximum timeout value \((\d+(?:\.\d+)?) seconds\)")


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


_NEVER_BEGAN = {
    never_began.METHOD: _(
        "It never began: its worker did not find its method. That was renamed or removed, its app is not installed, or "
        "the worker is older than the code: it loads new code only when it is restarted."
    ),
    never_began.ARGUMENTS: _(
        "It never began: its method does not take these arguments. They are of another version of the code than its "
        "worker runs; a worker loads new code only when it is restarted."
    ),
    never_began.PAYLOAD: _(
        "It never began: its worker could not read its payload, which another serializer has written, or something has "
        "damaged."
    ),
    never_began.SITE: _("It never began: its worker did not find its site, which was renamed or dropped."),
}


def never_begun(case: Case) -> list[Reason]:
    """What failed before the work began: nothing of it was done."""
    error = case.job.error
    why = never_began.why(error) if error is not None else None
    return [Reason(_NEVER_BEGAN[why], {"never_began": why})] if why else []


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
    if (ended := process_end.cause(error.type, error.message, case.job)) is not None:
        return ended
    if error.type == "DeserializationError" and (why := never_began.loading(error)) is not None:
        return _("its worker could not load it: {type}: {message}").format(type=why.type, message=why.message)
    if error.type == "JobTimeoutException":
        return _out_of_time(case, error)
    return f"{error.type}: {error.message}" if error.message else error.type


def _out_of_time(case: Case, error: Failure) -> str:
    """RQ says how long was allowed: a callback has a time of its own, and a run may have been given more."""
    found = _ALLOWED.search(error.message)
    allowed = float(found[1]) if found else case.job.timeout_s if error.callback is None else None
    if not allowed:
        return _("it ran out of time.")
    text = _("it ran out of time. It may run {duration}.")
    if error.callback is not None:
        text = _("it ran out of time. That callback may run {duration}.")
    return text.format(duration=duration(allowed))


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
