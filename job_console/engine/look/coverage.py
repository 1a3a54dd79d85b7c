"""How much of the bench the survey has read, and who read it: an answer says how much it knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ..messages import _, joined
from ..models.bench import Bench
from ..models.sweeps import Memory, Surveyed
from ..schedule import limits as schedule_limits
from ..wording import duration, many

#: What was read less than so many seconds ago was read "just now".
JUST_NOW_S = 5.0


class Round:
    """Counts the waiting jobs that one survey reads, from the first record to the last."""

    def __init__(self) -> None:
        self.reported = Surveyed()

    def take_over(self, others: Surveyed) -> None:
        """Continue the count from where sweeps have stopped."""
        self.reported = replace(self.reported, seen=others.seen, by_sweeps=others.seen, swept_at=others.swept_at)

    def learn(self, others: Surveyed) -> None:
        """Take over the end of a round that another process has completed since."""
        known = self.reported.whole_at
        if others.whole_at is not None and (known is None or known < others.whole_at):
            self.reported = replace(self.reported, whole_at=others.whole_at, whole_by_sweeps=True)

    def begin(self) -> None:
        self.reported = replace(self.reported, seen=0, by_sweeps=0)

    def read(self, waiting: int) -> None:
        self.reported = replace(self.reported, seen=self.reported.seen + waiting)

    def end(self, at: datetime) -> None:
        self.reported = replace(self.reported, seen=0, by_sweeps=0, whole_at=at, whole_by_sweeps=False)


def known(surveyed: Surveyed, bench: Bench) -> Surveyed:
    """What is surveyed, with `of` set to the number of jobs that wait in this look."""
    return replace(surveyed, of=sum(lane.counts.queued for lane in bench.lanes))


def left_behind(cursor: int, own: Surveyed, before: Memory, now: datetime) -> tuple[int, Surveyed]:
    """The cursor that a sweep writes for the next one: its own, or that of a process that has come further since."""
    others = before.surveyed
    whole_at = max(filter(None, (own.whole_at, others.whole_at)), default=None)
    if _is_further(others, own, now):
        return before.cursor, replace(others, whole_at=whole_at)
    return cursor, replace(own, swept_at=now, whole_at=whole_at)


def _is_further(others: Surveyed, own: Surveyed, now: datetime) -> bool:
    at = others.swept_at
    if at is None or others.seen <= own.seen or now - at > timedelta(seconds=schedule_limits.PROOF_FORGET_S):
        return False
    # Otherwise that cursor is older than the end of our own round.
    return own.whole_at is None or own.whole_at < at


def sentence(surveyed: Surveyed, now: datetime) -> str:
    """How much is known, as one line for people."""
    jobs = many(surveyed.of, _("{count:,} waiting job"), _("{count:,} waiting jobs"))
    percent = _percent(surveyed.seen, surveyed.of)
    if surveyed.whole_at is not None:
        text = (
            _("Surveyed all {jobs}: by the sweep, {ago}.")
            if surveyed.whole_by_sweeps
            else _("Surveyed all {jobs}: {ago}.")
        )
        reported = text.format(jobs=jobs, ago=_ago(surveyed.whole_at, now))
    elif surveyed.share is None:
        reported = _("Surveyed a part of the records; nothing waits.")
    elif surveyed.by_sweeps:
        reported = _("Surveyed {percent} of {jobs}: {by_sweeps}.").format(
            percent=percent, jobs=jobs, by_sweeps=_by_sweeps(surveyed, now)
        )
    else:
        reported = _("Surveyed {percent} of {jobs}, just now.").format(percent=percent, jobs=jobs)
    unsure = _("{unsure:,} of them may stand nowhere: deep lanes are still being gone through.")
    return joined((reported, unsure.format(unsure=surveyed.unsure) if surveyed.unsure else ""))


def _by_sweeps(surveyed: Surveyed, now: datetime) -> str:
    when = _ago(surveyed.swept_at, now) if surveyed.swept_at else _("lately")
    own = surveyed.seen - surveyed.by_sweeps
    rest = _(", {percent} just now").format(percent=_percent(own, surveyed.of)) if own > 0 else ""
    return _("{percent} by the sweep {when}{rest}").format(
        percent=_percent(surveyed.by_sweeps, surveyed.of), when=when, rest=rest
    )


def _ago(at: datetime, now: datetime) -> str:
    seconds = max((now - at).total_seconds(), 0.0)
    return _("just now") if seconds < JUST_NOW_S else _("{duration} ago").format(duration=duration(seconds))


def _percent(part: int, whole: int) -> str:
    share = min(100 * part / whole, 99.0) if whole else 0.0
    return _("{share:.0f} %").format(share=share) if share >= 1 or not part else _("under 1 %")
