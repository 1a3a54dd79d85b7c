"""`suspended`: workers take no work (`rq suspend`, which Frappe's commands can leave behind).

Wrong if: the key is about to expire. Somebody asked for it, and may need it: a migration, a deployment. So nothing
ends it but a person. With a duration (`rq suspend --duration`) it ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import Instant, _, joined
from ...models.bench import Bench
from ...models.holds import Hold
from ...models.warnings import Remedy, Warning
from ...wording import duration, iso, many

RESUME = Remedy(
    "resume",
    _("Resume"),
    _("Workers take work again at once. Somebody suspended them: ask first whether that is still needed."),
    safe=False,
)


def detect(bench: Bench) -> Iterator[Warning]:
    if not bench.suspended:
        return
    waiting = sum(lane.counts.queued for lane in bench.lanes)
    until, hold = bench.suspended_until, bench.suspension
    if until is None:
        ends = _("Nothing ends that by itself.")
    else:
        left = duration(max((until - bench.at).total_seconds(), 0.0))
        ends = _("That ends by itself in {left}, at {until}.").format(left=left, until=Instant(until, "time_seconds"))
    who = _("{by} suspended them: {reason}.").format(by=hold.by, reason=hold.reason.rstrip(".")) if hold else ""
    yield Warning(
        code="suspended",
        severity="critical" if until is None else "warning",
        message=joined(
            (
                _("All workers are suspended: they take no work."),
                who,
                ends,
                _("{jobs} waiting.").format(jobs=many(waiting, _("{count:,} job"), _("{count:,} jobs"))),
            )
        ),
        evidence={"key": "rq:suspended", "waiting": waiting, "until": iso(until), **_by(hold)},
        remedies=(RESUME,),
    )


def _by(hold: Hold | None) -> dict[str, object]:
    return {"by": hold.by, "reason": hold.reason, "at": iso(hold.at)} if hold else {}
