"""Decides what a tick of the scheduler does with a schedule that has a policy: catch-up of missed runs, and overlap.

Without a policy, Frappe lets one run at a time wait or run, and replaces any number of missed runs by one. A time that
comes while a run is active is run afterwards if `create_log` is set, and skipped otherwise. With a policy, `catch_up`
and `overlap` decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..models.policies import Policy
from . import limits

#: Do what Frappe does without a policy.
USUAL = "usual"
#: Do nothing: a run waits already and covers these times too, or there may be no further run.
WAIT = "wait"
#: Skip the times that have come.
SKIP = "skip"
#: Skip them, and run once for them as soon as the active run has ended.
LATER = "later"
#: Stop the active run, then run.
INSTEAD = "instead"
#: Start another run next to the active one.
CONCURRENT = "beside"
#: Start a pending run (`pending_runs`).
OWED = "owed"

_OVERLAP = {"skip": SKIP, "queue": LATER, "cancel": INSTEAD, "allow": CONCURRENT}


@dataclass(frozen=True, slots=True)
class Tick:
    """The state of one schedule, as a tick finds it."""

    #: When it was due since its last run, oldest first: the newest (see `upcoming.missed`).
    times: Sequence[datetime]
    #: What the records of its runs say, in the order of `run_ids`; None: there is none.
    states: Sequence[str | None]
    #: Runs that it is still to have.
    owed: int
    tick_s: float
    now: datetime

    @property
    def missed(self) -> int:
        """How many of the due times an earlier tick should have handled."""
        since = self.now - timedelta(seconds=grace_s(self.tick_s, limits.MISSED_TICKS))
        return sum(time < since for time in self.times)


@dataclass(frozen=True, slots=True)
class Verdict:
    then: str
    #: Runs that it is to have besides.
    owed: int = 0


def grace_s(tick_s: float, ticks: int) -> float:
    """Seconds after which a run counts as missed: a restart may miss a tick, and a run takes a moment to start."""
    return ticks * tick_s + 60.0


def decide(policy: Policy, tick: Tick) -> Verdict:
    if "queued" in tick.states:
        return Verdict(WAIT)
    if "started" in tick.states:
        return _while_it_runs(policy.overlap, tick)
    if not tick.times:
        return Verdict(OWED if tick.owed else USUAL)
    if policy.catch_up == "skip" and tick.missed == len(tick.times):
        return Verdict(SKIP)
    if policy.catch_up == "all" and tick.missed:
        late = tick.missed == len(tick.times)  # then the usual run is for one of these
        return Verdict(USUAL, min(tick.missed - late, limits.CATCH_UP_RUNS))
    return Verdict(USUAL)


def _while_it_runs(choice: str, tick: Tick) -> Verdict:
    if not tick.times:
        return Verdict(WAIT)
    if choice == "allow" and all(state == "started" for state in tick.states):
        return Verdict(WAIT)
    return Verdict(_OVERLAP[choice])


def run_ids(job_id: str) -> tuple[str, ...]:
    """The job ids that runs of a schedule may have: its own, and those of parallel runs."""
    return (job_id, *(f"{job_id}||{number}" for number in range(2, limits.SCHEDULE_RUNS_AT_ONCE + 1)))


def schedule_id(job_id: str) -> str:
    """The schedule's own id, from that of any of its runs."""
    head, mark, number = job_id.rpartition("||")
    concurrent = mark and number.isdigit() and 2 <= int(number) <= limits.SCHEDULE_RUNS_AT_ONCE
    return head if concurrent else job_id
