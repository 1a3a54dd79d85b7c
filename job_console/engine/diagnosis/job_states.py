"""What it means when a job's record and the places that hold its id agree, or do not: every state in every place.

RQ keeps a job in two kinds of keys that no transaction holds together for ever: its record (`rq:job:ID`, whose field
`status` says what it is) and the list or registry that holds its id. What happens next follows from the place: workers
run whatever stands in a queue, whatever its record says; RQ's maintenance moves whatever stands in a registry. What
people see, and what `frappe.enqueue(deduplicate=True)` decides, follows from the record. docs/job-states.md shows the
table.

`explain` describes the cells that no detector has words for; `code` names the detector that describes the others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..messages import _
from ..models.warnings import Remedy

#: `none`: there is no record, or only the rest of one that a heartbeat made anew (neither state nor work).
STATES = ("created", "queued", "started", "deferred", "scheduled", "finished", "failed", "stopped", "canceled", "none")
#: The strongest first: what stands in several is what the first of them makes of it.
PLACES = ("queue", "intermediate", "started", "scheduled", "deferred", "failed", "canceled", "finished", "nowhere")

WELL, MOMENT, LOST, ODD, LEFT, ORPHAN = "well", "moment", "lost", "odd", _("left over"), "orphan"


@dataclass(frozen=True, slots=True)
class Cell:
    #: well | moment (one of RQ's steps, or a fault when it lasts) | lost (nothing brings it to run) | odd (something
    #: happens that the record does not say) | left over (harmless) | orphan (an id without a record)
    verdict: str
    text: str
    #: The detector that describes it.
    code: str | None = None
    #: An action, and whether `mend` may do it.
    remedy: str | None = None
    safe: bool = False


_HOME = {
    "queued": "queue",
    "started": "started",
    "deferred": "deferred",
    "scheduled": "scheduled",
    "finished": "finished",
    "failed": "failed",
    "stopped": "failed",
    "canceled": "canceled",
}
_ENDED = ("finished", "failed", "stopped", "canceled")
#: Registries that bring nothing to run.
_ARCHIVES = ("failed", "canceled", "finished")

_IN_A_QUEUE = _("It stands in its queue: the next free worker runs it, whatever its record says.")
_NOTED_AS_RUNNING = _(
    "It is noted among the running ones. When that note is over, RQ's maintenance calls it abandoned: it fails, or "
    "runs again if attempts are left."
)
#: RQ's cancel takes it out of its queue, and asks no worker that has it by then.
_RAN_ALL_THE_SAME = _(
    "It was canceled when a worker had it already, and ran all the same: its record tells how that ended."
)


def cell(state: str, places: Collection[str]) -> Cell:
    """What this state in these places (none: nowhere) means."""
    place = next((each for each in PLACES if each in places), "nowhere")
    return TABLE[state if state in STATES else "created", place]


def _cell(state: str, place: str) -> Cell:
    if state == "none":
        return _without_record(place)
    if _HOME.get(state) == place:
        return _WELL.get(state, Cell(WELL, _("As it should be.")))
    by_place = {"queue": _in_queue, "intermediate": _in_intermediate, "started": _in_started, "nowhere": _nowhere}
    return by_place.get(place, _in_registry)(state, place)


_WELL = {
    "started": Cell(WELL, _("It runs, unless its worker is gone."), "worker_lost", "fail"),
    "scheduled": Cell(WELL, _("It waits for its time."), "scheduled_overdue", "requeue", True),
    "deferred": Cell(WELL, _("It waits for other jobs."), "blocked_dependency", "requeue"),
}


def _without_record(place: str) -> Cell:
    if place == "nowhere":
        return Cell(WELL, _("There is no such job."))
    if place == "canceled":
        return Cell(LEFT, _("The record has gone before the entry, which RQ never drops."))
    if place in _ARCHIVES:
        return Cell(LEFT, _("The record has expired before the entry; RQ's maintenance drops it."))
    return Cell(ORPHAN, _("There is no work behind this id any more."), "orphan_id", "clear", True)


def _in_queue(state: str, _place: str) -> Cell:
    code = "duplicated" if state in (*_ENDED, "started") else None
    return Cell(ODD, _IN_A_QUEUE, code, remedy=None if state == "started" else "delete")


def _in_intermediate(state: str, _place: str) -> Cell:
    if state == "queued":
        return Cell(
            LOST,
            _("It was taken from its queue and stands between two lists: its worker died before it began."),
            "in_limbo",
            "requeue",
            True,
        )
    return Cell(
        LEFT,
        _(
            "It was taken from its queue and stands between two lists, though it has gone on since. RQ's maintenance "
            "takes it out."
        ),
    )


def _in_started(state: str, _place: str) -> Cell:
    if state == "queued":
        return Cell(MOMENT, _("RQ 2 notes a run before it begins."), "worker_lost", "requeue", True)
    return Cell(ODD, _NOTED_AS_RUNNING)


def _in_registry(state: str, place: str) -> Cell:
    if state in ("queued", "started"):
        return _nowhere(state, place)
    if place == "scheduled":
        return Cell(
            ODD,
            _("It stands among the scheduled ones: it runs when its time has come, if RQ's scheduler is there."),
            remedy="delete",
        )
    if place == "deferred":
        what = _("It stands among those that wait for others: it may run when one of them ends.")
        return Cell(ODD, what, remedy="delete")
    if state in ("deferred", "scheduled"):
        return _nowhere(state, place)
    if state == "created":
        return Cell(
            LEFT, _("It is listed as {place}, and was not enqueued again.").format(place=place), remedy="delete"
        )
    if place == "canceled":
        return Cell(LEFT, _RAN_ALL_THE_SAME, remedy=None if state == "finished" else "retry")
    # What has ended well needs no other run.
    remedy = None if state == "finished" else "retry"
    return Cell(LEFT, _("It is listed as {place}, by mistake: its record counts.").format(place=place), remedy=remedy)


def _nowhere(state: str, _place: str) -> Cell:
    if state == "queued":
        return Cell(
            LOST, _("It stands in no queue: it will not run, if it does not run already."), "ghost_queued", "requeue"
        )
    if state == "started":
        return Cell(LOST, _("Nothing is known of its run."), "ghost_started", "fail")
    if state == "deferred":
        return Cell(LOST, _("It is in no list of those that wait: nothing will enqueue it."), remedy="requeue")
    if state == "scheduled":
        return Cell(LOST, _("It is in no list that says when: nothing will enqueue it."), remedy="requeue")
    if state == "created":
        return Cell(WELL, _("It was made, and not enqueued."), remedy="delete")
    text = _("It is in no list of {state} jobs: pages do not show it.").format(state=state)
    return Cell(LEFT, text, remedy=None if state == "finished" else "retry")


TABLE: dict[tuple[str, str], Cell] = {(state, place): _cell(state, place) for state in STATES for place in PLACES}

_LABELS = {
    "requeue": (
        _("Put it in its queue"),
        _("It runs from its beginning, as soon as a worker is free. Checked again first."),
    ),
    "retry": (_("Run it again"), _("It runs from its beginning. What its last run did elsewhere may be done twice.")),
    "delete": (_("Delete it"), _("It leaves every list, and its record goes.")),
}


def remedies(found: Cell) -> tuple[Remedy, ...]:
    """Never done without somebody. Detectors of what is lost have remedies of their own."""
    if found.remedy not in _LABELS:
        return ()
    return (Remedy(found.remedy, *_LABELS[found.remedy], safe=False),)
