"""How a job ended, who ended it, and what remains of it."""

from __future__ import annotations

import re
import signal
from datetime import datetime

from ...models.jobs import Failure
from ...models.warnings import Remedy
from ...progress import words as progress
from ...progress.early_exit import StopAsked
from ...retries.models import AGAIN, GAVE_UP, of_run
from ...rq import limits as rq_limits
from ...rq.records import ABANDONED, KILLS
from ...schedule.due import schedule_id
from ...stacks import post_mortem
from ...wording import duration, iso, lasted, many
from ..detectors.killed import RESUME, goes_on
from ..detectors.killed import RETRY as RETRY_KILLED
from .case import Case, Explanation, Reason, done_by, reason, sentence

RETRY = Remedy(
    "retry",
    "Run it again",
    "It runs from its beginning. What its last run already did elsewhere stays done, and may be done twice.",
    safe=False,
)
TWICE = Remedy("retry", "Run it again", "All of its work is done a second time.", safe=False)
RUN_AFTER_ALL = Remedy("retry", "Run it after all", "It goes to the end of its queue and runs from its beginning.")
WAIT_AGAIN = Remedy(
    "retry",
    "Bring it back",
    "It was enqueued to run after other jobs. It waits for them again, as long as one of them may still end well; else "
    "it goes to the end of its queue and runs, whatever became of them.",
)
_SIGNAL = re.compile(r"signal (\d+)|waitpid returned (\d+)")


def explain_failed(case: Case) -> Explanation:
    error = case.job.error
    by = done_by(case, "fail")
    if by:
        why = Reason(sentence(f"It was marked as failed {by}"), _evidence(case), (_again(case, RETRY),))
    elif (well := _ended_well(case)) is not None:
        why = Reason(
            f"Its work ended well{case.ago(well)}. RQ had left it among the running ones, and its maintenance called "
            "it abandoned afterwards: nothing was lost, and nobody needs to run it again.",
            _evidence(case),
            (TWICE,),
        )
    elif error is None:
        why = Reason(
            f"It failed{case.ago(case.job.ended_at)}; RQ kept no error.", _evidence(case), (_again(case, RETRY),)
        )
    else:
        remedy = _again(case, RETRY_KILLED if error.type in KILLS else RETRY)
        what = f"It failed{case.ago(case.job.ended_at)}{_after(case)}: {_cause(case, error)}"
        why = Reason(sentence(what), _evidence(case), (remedy,))
    became = (*_cut(case), *_copied(case), *_remains(case), *_tries(case), *_stood(case), *_runs(case))
    return Explanation((why, *became, *_again_and_again(case), *_kept(case, "It")))


def _ended_well(case: Case) -> datetime | None:
    """When the run ended well that was called abandoned; None: it did not."""
    job = case.job
    if job.error is None or job.error.type != ABANDONED or job.started_at is None:
        return None
    ends = (run.ended_at for run in case.detail.runs if run.outcome == "successful" and run.ended_at)
    return max((at for at in ends if at >= job.started_at), default=None)


def _cut(case: Case) -> list[Reason]:
    error = case.job.error
    return [Reason(error.cut)] if error and error.cut else []


def _again(case: Case, remedy: Remedy) -> Remedy:
    """A job that commits chunk by chunk does not begin anew."""
    return RESUME if goes_on(case.job.progress) else remedy


def _remains(case: Case) -> list[Reason]:
    """What was last seen of a process that was killed."""
    seen = case.facts.remains
    if seen is None:
        return []
    process = seen.after.process
    evidence = {"memory_bytes": process.rss_bytes, "peak_memory_bytes": process.peak_bytes}
    text = post_mortem.words(seen, case.job.ended_at)
    return [Reason(text[:1].upper() + text[1:], {**evidence, "out_of_memory": seen.out_of_memory})]


def _stood(case: Case) -> list[Reason]:
    """How far it had come, as it reported itself."""
    said = case.job.progress
    if said is None:
        return []
    text = f"It had come to {progress.place(said)}."
    if said.chunks is not None:
        text += f" {progress.safe(said.chunks)}: it goes on from there."
    return [Reason(text, {"done": said.done, "total": said.total})]


def _cause(case: Case, error: Failure) -> str:
    if error.type == "WorkHorseTerminated":
        return _killed(error.message)
    if error.type == ABANDONED:
        return "its worker died in the middle, and another worker found that out later"
    if error.type == "StuckInIntermediateQueue":
        return "its worker died between taking it and starting it"
    if error.type == "JobTimeoutException":
        may = f" It may run {duration(case.job.timeout_s)}." if case.job.timeout_s else ""
        return f"it ran out of time.{may}"
    return f"{error.type}: {error.message}" if error.message else error.type


def _killed(message: str) -> str:
    """RQ says `waitpid returned 9 (signal 9)`, older versions without the brackets."""
    found = _SIGNAL.search(message)
    number = int(found[1] or found[2]) if found else 0
    if number == signal.SIGKILL:
        return "its process was killed (SIGKILL), as the kernel does when memory runs out"
    if found and number in set(signal.Signals):
        return f"its process was killed ({signal.Signals(number).name})"
    return f"its process ended without a word. {message}"


def _tries(case: Case) -> list[Reason]:
    """What its policy makes of that."""
    said = case.job.tries
    if said is None:
        return []
    evidence = {"policy": said.policy, "failed": said.failed, "of": said.of, "then": said.then}
    if said.then == AGAIN and not of_run(said, case.job.started_at):
        return []  # of an earlier attempt; the last one was stopped, or is still to be judged
    if said.then == AGAIN:
        return [Reason("It is tried again, as its policy says: it goes back to its lane when that is due.", evidence)]
    reported = "It is not tried again" if said.then == GAVE_UP else "It waits for you"
    return [Reason(f"{reported}: {said.why}.", evidence)]


def _again_and_again(case: Case) -> list[Reason]:
    """What is known of this method's failures."""
    return [
        reason(warning)
        for warning in case.warnings
        if warning.code in ("crash_loop", "killed") and warning.evidence.get("method") == case.job.call.method
    ]


def _runs(case: Case) -> list[Reason]:
    if case.job.tries is not None:
        return []
    failed = sum(run.outcome == "failed" for run in case.detail.runs)
    # RQ keeps the newest, and drops what is older.
    more = case.detail.runs_total >= rq_limits.RUNS_KEPT
    return [Reason(f"It has been tried {many(failed, 'time', at_least=more)}.")] if failed > 1 else []


def explain_stopped(case: Case) -> Explanation:
    by = done_by(case, "stop", "stop_gently") or f"{case.ago(case.job.ended_at).strip()}, {_asked_by(case.job.error)}"
    why = Reason(sentence(f"It was stopped {by}"), _evidence(case), (_again(case, RETRY),))
    return Explanation((why, *_stood(case), *_kept(case, "It")))


def _asked_by(error: Failure | None) -> str:
    """What the job itself was told, when it ended because it was asked to."""
    if error is not None and error.type.rpartition(".")[2] == StopAsked.__name__:
        return f"and ended by itself when it was asked to: {error.message}"
    return "not from here: no name is recorded"


def explain_canceled(case: Case) -> Explanation:
    by = done_by(case, "cancel")
    text = f"It was canceled {by}" if by else "It was canceled, but not from here: no name is recorded"
    return Explanation(
        (Reason(sentence(text), _evidence(case), (WAIT_AGAIN if case.job.dependencies else RUN_AFTER_ALL,)),)
    )


def explain_finished(case: Case) -> Explanation:
    usual = case.facts.usual
    often = f", usually {lasted(usual.median_s)}" if usual and usual.median_s is not None else ""
    hidden = case.facts.hidden_failure
    done = Reason(f"It finished{case.ago(case.job.ended_at)}{_after(case)}{often}.", _evidence(case))
    failed = [Reason(sentence(f"Its work failed, though RQ calls it finished: {hidden}"))] if hidden else []
    return Explanation((*failed, done, *_repeats(case), *_copied(case), *_schedule(case), *_kept(case, "Its result")))


def _repeats(case: Case) -> list[Reason]:
    """RQ's Repeat: the record says finished, and its id stands among the scheduled."""
    due = case.job.due_at
    if due is None:
        return []
    seconds = (due - case.now).total_seconds()
    times = many(case.detail.repeats_left + 1, "more time") if case.detail.repeats_left else "again"
    when = f"in {duration(seconds)}" if seconds > 0 else f"{duration(-seconds)} ago"
    moved = case.lane is not None and case.lane.has_mover
    nobody = "" if moved else f" Nothing will move it then: no scheduler of RQ runs for {case.lane_label}."
    text = f"It is to run {times} (RQ's Repeat), due {when}.{nobody}"
    evidence = {"due_at": iso(due), "repeats_left": case.detail.repeats_left, "scheduler_runs": moved}
    late = (each for each in case.warnings if each.code == "scheduled_overdue" and each.job_id == case.job.id)
    return [Reason(text, evidence, next((each.remedies for each in late), ()))]


def _copied(case: Case) -> list[Reason]:
    by, entry = done_by(case, "retry", "edit_and_retry"), case.facts.action
    if not by or entry is None or not entry.detail:
        return []
    return [Reason(sentence(f"It ran again as the new job {entry.detail}, {by}"), {"new_job_id": entry.detail})]


def _schedule(case: Case) -> list[Reason]:
    """Why a scheduled job that has finished does not run again."""
    if case.job.call.kind != "scheduled":
        return []
    codes = ("scheduler_down", "missed_run", "blocked_schedule")
    about = [warning for warning in case.warnings if warning.code in codes and warning.site == case.job.site]
    own = schedule_id(case.job.id)
    return [reason(warning) for warning in about if warning.job_id is None or schedule_id(warning.job_id) == own]


def _after(case: Case) -> str:
    ran = case.job.elapsed_s(case.now)
    return f" after {lasted(ran)}" if ran is not None else ""


def _kept(case: Case, what: str) -> list[Reason]:
    until = case.detail.expires_at
    if until is None:
        return []
    left = duration(max((until - case.now).total_seconds(), 0.0))
    return [Reason(f"{what} is kept for {left} more, then nothing remembers it.", {"expires_at": iso(until)})]


def _evidence(case: Case) -> dict[str, str | None]:
    job = case.job
    return {
        "method": job.call.method,
        "worker": job.worker,
        "ended_at": iso(job.ended_at),
        "error": job.error.type if job.error else None,
    }
