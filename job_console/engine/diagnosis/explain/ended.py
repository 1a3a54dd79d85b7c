"""How a job ended, who ended it, and what remains of it."""

from __future__ import annotations

from ...messages import Message, _, joined
from ...models.jobs import Failure
from ...models.warnings import Remedy
from ...progress import words as progress
from ...progress.early_exit import StopAsked
from ...rq.callbacks import ON_SUCCESS
from ...rq.records import KILLS, STUCK
from ...schedule.due import schedule_id
from ...wording import duration, iso, lasted, many
from ..detectors.killed import RESUME, goes_on
from ..detectors.killed import RETRY as RETRY_KILLED
from . import failure
from .case import Case, Explanation, Reason, done_by, reason, sentence

RETRY = Remedy(
    "retry",
    _("Run it again"),
    _("It runs from its beginning. What its last run already did elsewhere stays done, and may be done twice."),
    safe=False,
)
TWICE = Remedy("retry", _("Run it again"), _("All of its work is done a second time."), safe=False)
NEVER_BEGAN = Remedy("retry", _("Run it"), _("It never began, so it runs for the first time."), safe=False)
RUN_AFTER_ALL = Remedy(
    "retry", _("Run it after all"), _("It goes to the end of its queue and runs from its beginning.")
)
WAIT_AGAIN = Remedy(
    "retry",
    _("Bring it back"),
    _(
        "It was enqueued to run after other jobs. It waits for them again, as long as one of them may still end well; "
        "else it goes to the end of its queue and runs, whatever became of them."
    ),
)
_KEPT = _("It is kept for {left} more, then nothing remembers it.")


def explain_failed(case: Case) -> Explanation:
    error = case.job.error
    by = done_by(case, "fail")
    if by:
        why = Reason(sentence(_("It was marked as failed {by}").format(by=by)), _evidence(case), (_again(case, RETRY),))
    elif (well := failure.ended_well(case)) is not None:
        text = _(
            "Its work ended well {ago}. RQ had left it among the running ones, and its maintenance called it abandoned "
            "afterwards: nothing was lost, and nobody needs to run it again."
        )
        why = Reason(text.format(ago=case.ago(well)), _evidence(case), (TWICE,))
    elif error is not None and error.callback == ON_SUCCESS:
        text = _(
            "It failed {ago}: its work was done, then its on_success callback failed, so RQ calls it failed: {cause}"
        )
        what = text.format(ago=case.ago(case.job.ended_at), cause=failure.cause(case, error))
        why = Reason(sentence(what), _evidence(case), (TWICE,))
    elif error is None:
        why = Reason(
            _("It failed {ago}; no error of it is kept.").format(ago=case.ago(case.job.ended_at)),
            _evidence(case),
            (_again(case, RETRY),),
        )
    else:
        never_begun = (error.type == STUCK and case.job.started_at is None) or bool(failure.never_begun(case))
        remedy = NEVER_BEGAN if never_begun else _again(case, RETRY_KILLED if error.type in KILLS else RETRY)
        what = _("It failed {ago} {after}: {cause}").format(
            ago=case.ago(case.job.ended_at), after=_after(case), cause=failure.cause(case, error)
        )
        why = Reason(sentence(what), _evidence(case), (remedy,))
    more = (*failure.never_begun(case), *failure.cut(case), *failure.callback(case), *failure.repeats_no_more(case))
    became = (*_copied(case), *failure.remains(case), *failure.tries(case), *_stood(case), *failure.runs(case))
    return Explanation((why, *more, *became, *failure.again_and_again(case), *_kept(case, _KEPT)))


def _again(case: Case, remedy: Remedy) -> Remedy:
    """A job that commits chunk by chunk does not begin anew."""
    return RESUME if goes_on(case.job.progress) else remedy


def _stood(case: Case) -> list[Reason]:
    """How far it had come, as it reported itself."""
    said = case.job.progress
    if said is None:
        return []
    text = _("It had come to {place}.").format(place=progress.place(said))
    if said.chunks is not None:
        safe = _("{safe}: it goes on from there.").format(safe=progress.safe(said.chunks))
        return [Reason(joined((text, safe)), {"done": said.done, "total": said.total})]
    return [Reason(text, {"done": said.done, "total": said.total})]


def explain_stopped(case: Case) -> Explanation:
    by = done_by(case, "stop", "stop_gently")
    text = _("It was stopped {by}").format(by=by) if by else _asked_by(case.job.error, case.ago(case.job.ended_at))
    why = Reason(sentence(text), _evidence(case), (_again(case, RETRY),))
    return Explanation((why, *_stood(case), *_kept(case, _KEPT)))


def _asked_by(error: Failure | None, ago: str) -> str:
    """What the job itself was told, when it ended because it was asked to."""
    if error is not None and error.type.rpartition(".")[2] == StopAsked.__name__:
        text = _("It was stopped {ago}, and ended by itself when it was asked to: {message}")
        return text.format(ago=ago, message=error.message)
    return _("It was stopped {ago}, not from here: no name is recorded").format(ago=ago)


def explain_canceled(case: Case) -> Explanation:
    by = done_by(case, "cancel")
    text = (
        _("It was canceled {by}").format(by=by) if by else _("It was canceled, but not from here: no name is recorded")
    )
    return Explanation(
        (Reason(sentence(text), _evidence(case), (WAIT_AGAIN if case.job.dependencies else RUN_AFTER_ALL,)),)
    )


def explain_finished(case: Case) -> Explanation:
    usual = case.facts.usual
    often = (
        _(", usually {lasted}").format(lasted=lasted(usual.median_s)) if usual and usual.median_s is not None else ""
    )
    hidden = case.facts.hidden_failure
    done = Reason(
        _("It finished {ago} {after}{often}.").format(ago=case.ago(case.job.ended_at), after=_after(case), often=often),
        _evidence(case),
    )
    failed = (
        [Reason(sentence(_("Its work failed, though RQ calls it finished: {hidden}").format(hidden=hidden)))]
        if hidden
        else []
    )
    return Explanation(
        (
            *failed,
            done,
            *_repeats(case),
            *_copied(case),
            *_schedule(case),
            *_kept(case, _("Its result is kept for {left} more, then nothing remembers it.")),
        )
    )


def _repeats(case: Case) -> list[Reason]:
    """RQ's Repeat: the record says finished, and its id stands among the scheduled."""
    due = case.job.due_at
    if due is None or not case.job.repeats:
        return []
    seconds = (due - case.now).total_seconds()
    times = (
        many(case.detail.repeats_left + 1, _("{count:,} more time"), _("{count:,} more times"))
        if case.detail.repeats_left
        else _("again")
    )
    when = (
        _("in {duration}").format(duration=duration(seconds))
        if seconds > 0
        else _("{duration} ago").format(duration=duration(-seconds))
    )
    moved = case.lane is not None and case.lane.has_mover
    nobody = (
        ""
        if moved
        else _("Nothing will move it then: no scheduler of RQ runs for {lane_label}.").format(
            lane_label=case.lane_label
        )
    )
    text = _("It is to run {times} (RQ's Repeat), due {when}.").format(times=times, when=when)
    evidence = {"due_at": iso(due), "repeats_left": case.detail.repeats_left, "scheduler_runs": moved}
    late = (each for each in case.warnings if each.code == "scheduled_overdue" and each.job_id == case.job.id)
    return [Reason(joined((text, nobody)), evidence, next((each.remedies for each in late), ()))]


def _copied(case: Case) -> list[Reason]:
    by, entry = done_by(case, "retry", "edit_and_retry"), case.facts.action
    if not by or entry is None or not entry.detail:
        return []
    text = _("It ran again as the new job {detail}, {by}").format(detail=entry.detail, by=by)
    return [Reason(sentence(text), {"new_job_id": entry.detail})]


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
    return _("after {lasted}").format(lasted=lasted(ran)) if ran is not None else ""


def _kept(case: Case, text: Message) -> list[Reason]:
    until = case.detail.expires_at
    if until is None:
        return []
    left = duration(max((until - case.now).total_seconds(), 0.0))
    return [Reason(text.format(left=left), {"expires_at": iso(until)})]


def _evidence(case: Case) -> dict[str, str | None]:
    job = case.job
    return {
        "method": job.call.method,
        "worker": job.worker,
        "ended_at": iso(job.ended_at),
        "error": job.error.type if job.error else None,
    }
