"""What a tick does with a schedule that has a policy: its time has come while it still runs, or was missed.

Frappe lets one run at a time wait or run, and makes up for any number of missed runs with one. What came while a run
was on its way depends on `create_log`: with a log it is run afterwards, without one it is let pass. Under a policy it
is as the policy says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..models.policies import Policy
from . import limits

#: As Frappe does without a policy.
USUAL = "usual"
#: A run waits already, and is for these times, too; or there is no room for one more.
WAIT = "wait"
#: Let the times pass that have come.
SKIP = "skip"
#: Let them pass, and run once for them as soon as the way is free.
LATER = "later"
#: Stop what is in the way, then run.
INSTEAD = "instead"
#: Run once more, beside what runs.
CONCURRENT = "beside"
#: Run what is owed.
OWED = "owed"

_OVERLAP = {"skip": SKIP, "queue": LATER, "cancel": INSTEAD, "allow": CONCURRENT}


@dataclass(frozen=True, slots=True)
class Tick:
    """What a tick finds of one schedule."""

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
        """How many of the times an earlier tick should have seen."""
        since = self.now - timedelta(seconds=grace_s(self.tick_s, limits.MISSED_TICKS))
        return sum(time < since for time in self.times)


@dataclass(frozen=True, slots=True)
class Verdict:
    then: str
    #: Runs that it is to have besides.
    owed: int = 0


def grace_s(tick_s: float, ticks: int) -> float:
    """A tick may be missed by a restart, and an enqueued run takes a moment to start."""
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
    """The ids that runs of a schedule may have: its own, and those of runs beside it."""
    return (job_id, *(f"{job_id}||{number}" for number in range(2, limits.SCHEDULE_RUNS_AT_ONCE + 1)))


def schedule_id(job_id: str) -> str:
    """The schedule's own id, from that of any of its runs."""
    head, mark, number = job_id.rpartition("||")
    concurrent = mark and number.isdigit() and 2 <= int(number) <= limits.SCHEDULE_RUNS_AT_ONCE
    return head if concurrent else job_id
