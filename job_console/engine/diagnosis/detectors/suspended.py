"""`suspended`: workers take no work (`rq suspend`, which Frappe's commands can leave behind).

Wrong if: the key is about to expire. Somebody asked for it, and may need it: a migration, a deployment. So nothing
ends it but a person. With a duration (`rq suspend --duration`) it ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...models.bench import Bench
from ...models.holds import Hold
from ...models.warnings import Remedy, Warning
from ...wording import duration, iso, many

RESUME = Remedy(
    "resume",
    "Resume",
    "Workers take work again at once. Somebody suspended them: ask first whether that is still needed.",
    safe=False,
)


def detect(bench: Bench) -> Iterator[Warning]:
    if not bench.suspended:
        return
    waiting = sum(lane.counts.queued for lane in bench.lanes)
    until, hold = bench.suspended_until, bench.suspension
    if until is None:
        ends = "Nothing ends that by itself."
    else:
        left = duration(max((until - bench.at).total_seconds(), 0.0))
        ends = f"That ends by itself in {left}, at {until:%H:%M:%S} UTC."
    who = f" {hold.by} suspended them: {hold.reason.rstrip('.')}." if hold else ""
    yield Warning(
        code="suspended",
        severity="critical" if until is None else "warning",
        message=f"All workers are suspended: they take no work.{who} {ends} {many(waiting, 'job')} waiting.",
        evidence={"key": "rq:suspended", "waiting": waiting, "until": iso(until), **_by(hold)},
        remedies=(RESUME,),
    )


def _by(hold: Hold | None) -> dict[str, object]:
    return {"by": hold.by, "reason": hold.reason, "at": iso(hold.at)} if hold else {}
