"""`paused`: somebody told the workers to take nothing from a queue, or no jobs of a method, for a while.

It ends by itself, at the time that the message names. A worker that does not run Job Console takes from the queue all
the same: the message says how many.

Wrong if: a worker that obeys has died, and another one of its name is there that does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import Instant, _, joined
from ...models.bench import Bench, Lane
from ...models.holds import METHOD, Hold
from ...models.warnings import Remedy, Warning
from ...wording import duration, iso, many

RESUME_QUEUE = Remedy(
    "resume_queue",
    _("Resume the queue"),
    _(
        "Its workers take from it again within a second or so. Somebody paused it: ask first whether that is still "
        "needed."
    ),
    safe=False,
)
RESUME_METHOD = Remedy(
    "resume_method",
    _("Resume the method"),
    _("Its jobs go back to their lanes at once. Somebody paused it: ask first whether that is still needed."),
    safe=False,
)


def detect(bench: Bench) -> Iterator[Warning]:
    yield from (warning for lane in bench.lanes for warning in of_lane(bench, lane))
    yield from (_method(bench, hold) for hold in bench.holds.values() if hold.kind == METHOD)


def of_lane(bench: Bench, lane: Lane) -> Iterator[Warning]:
    hold = lane.paused
    if hold is None:
        return
    deaf = bench.deaf(lane.name)
    note = (
        _("But {workers} its jobs all the same.").format(
            workers=many(len(deaf), _("{count:,} worker takes"), _("{count:,} workers take"))
        )
        if deaf
        else ""
    )
    yield Warning(
        code="paused",
        severity="warning",
        queue=lane.name,
        since=hold.at,
        message=joined(
            (
                _("{lane} is paused {said}").format(lane=lane.label, said=said(bench, hold)),
                _("{jobs} waiting.").format(jobs=many(lane.counts.queued, _("{count:,} job"), _("{count:,} jobs"))),
                note,
            )
        ),
        evidence={**_evidence(hold), "waiting": lane.counts.queued, "deaf": [worker.name for worker in deaf]},
        remedies=(RESUME_QUEUE,),
    )


def said(bench: Bench, hold: Hold) -> str:
    """`by mia for 2 h more, until 18:00 UTC: the reason.`"""
    left = duration(max((hold.until - bench.at).total_seconds(), 0.0))
    until = Instant(hold.until, "time" if hold.until.date() == bench.at.date() else "date_time")
    return _("by {by} for {left} more, until {until}: {reason}.").format(
        by=hold.by, left=left, until=until, reason=hold.reason.rstrip(".")
    )


def _method(bench: Bench, hold: Hold) -> Warning:
    site, _colon, method = hold.name.partition(":")
    return Warning(
        code="paused",
        severity="warning",
        site=site or None,
        since=hold.at,
        message=_("Jobs of {method} are paused {said}").format(method=method, said=said(bench, hold)),
        evidence={**_evidence(hold), "method": method},
        remedies=(RESUME_METHOD,),
        about=method,
    )


def _evidence(hold: Hold) -> dict[str, object]:
    return {"by": hold.by, "reason": hold.reason, "at": iso(hold.at), "until": iso(hold.until)}
