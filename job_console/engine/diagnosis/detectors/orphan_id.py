"""`orphan_id`: a lane holds an id whose record is gone (expired, deleted, evicted): that work is lost.

In a queue a worker will drop it silently. Elsewhere it counts as running, due or waiting for another job, for ever or
until RQ tidies up that registry.

Wrong if: its record is being written in this moment (a second look proves it), or is restored from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _
from ...models.bench import Bench, Orphan
from ...models.warnings import Remedy, Warning

CLEAR = Remedy("clear", _("Remove the id"), _("The id leaves the lane. There is no work behind it any more."))
_WHERE = {
    "queued": _("{lane} holds the id {id}, but its record is gone: that work is lost."),
    "started": _("{id} counts as running in {lane}, but its record is gone: how it ends will not be known."),
    "intermediate": _("{id} was taken from {lane} and not started, and its record is gone: that work is lost."),
    "scheduled": _("{id} is due in {lane}, but its record is gone: that work is lost."),
    "deferred": _("{id} waits for another job in {lane}, but its record is gone: that work is lost."),
}


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for orphan in lane.orphans:
            yield Warning(
                code="orphan_id",
                severity="warning",
                queue=lane.name,
                job_id=orphan.job_id,
                message=_WHERE[orphan.where].format(lane=lane.label, id=orphan.job_id),
                evidence={"queue": lane.name, "list": orphan.where},
                remedies=() if _may_still_run(bench, orphan) else (CLEAR,),
                needs_proof=True,
            )


def _may_still_run(bench: Bench, orphan: Orphan) -> bool:
    return orphan.lease_until is not None and orphan.lease_until > bench.at
