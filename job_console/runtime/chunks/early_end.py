"""A run of a loop in chunks ends before its items do: stopped, paused, or handed over to another run.

It ends between two chunks, when everything that it did is committed.
"""

import frappe

from job_console.engine.models.progress import Parked
from job_console.engine.progress import early_exit, flags, hand_over

from ..progress.progress import RunProgress
from .checkpoint import FINISHED, PAUSED, Place
from .commit import Commits

_ENDS_EARLY = {flags.STOP, flags.PAUSE, flags.HAND_OVER}


def is_asked(run: RunProgress) -> bool:
    return bool(run.asked and run.asked.keys() & _ENDS_EARLY)


def end_if_asked(run: RunProgress, place: Place, commits: Commits, longest_s: float) -> None:
    """Raises StopAsked, Parked or HandedOver when somebody has asked for it, or when too little time is left.

    `longest_s`: the duration of the longest chunk so far; as much must be left of the job's timeout for another one.
    """
    run.stop_if_asked()
    if flags.PAUSE in run.asked:
        _pause(run, place, commits)
    late = hand_over.too_late(hand_over.time_left(run.job), run.job.timeout, longest_s)
    if late or flags.HAND_OVER in run.asked:
        hand_over.go_on(run.job)
        raise early_exit.HandedOver(f"{place.committed:,} items are done; the rest goes on in another run.")


def _pause(run: RunProgress, place: Place, commits: Commits) -> None:
    asked = run.asked[flags.PAUSE]
    place.status = FINISHED if place.status == FINISHED else PAUSED
    commits.begin(place)
    frappe.db.commit()
    run.meter.report_now(parked=Parked(asked.by, asked.at, asked.reason), chunks=place.summary())
    hand_over.park(run.job)
    raise early_exit.Parked(f"Paused {flags.words(run.asked, flags.PAUSE)}")
