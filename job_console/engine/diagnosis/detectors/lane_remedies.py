"""Remedies of lanes that wait for workers: other hands, or other lanes."""

from __future__ import annotations

from ...messages import _
from ...models.warnings import Remedy

MOVE_WAITING = Remedy(
    "move_waiting",
    _("Move them to another lane"),
    _("The first 1,000 that wait go to the end of a lane that is served, in their order."),
    safe=False,
)


def start_line(queue: str) -> str:
    """What starts a worker of this queue. Frappe puts the bench's id before the colon."""
    _bench, colon, label = queue.rpartition(":")
    return f"bench worker --queue {label}" if colon else f"rq worker {queue}"
