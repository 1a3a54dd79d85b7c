"""`scheduler_down`: the site's scheduler is off, paused, has not ticked, or there are two.

Frappe says whether it is on, and why not; that nothing ticks although it is on shows when something is overdue and
it has not ticked since. Several schedules will be late then: that is one cause, and this the one warning.

That its process is gone is known where its lock was seen held on a host, and later, twice and for longer than a restart
takes, not any more: then no tick is waited for.

Wrong if: a scheduler ticks and cannot tell (its process has no connection to the queue's Redis); or it was moved to
another host or container less than a tick ago, and nothing there has published it yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...models.bench import Bench
from ...models.schedule import Schedule
from ...models.warnings import Remedy, Warning
from ...schedule import scheduler_liveness
from ...wording import duration, iso, many
from .schedules import fresh, late, silent


def detect(bench: Bench) -> Iterator[Warning]:
    read_lately = {schedule.site for schedule in fresh(bench)}
    for schedule in bench.schedules.values():
        if schedule.site not in read_lately:
            # Nobody has read its entries for minutes; its process is looked at all the same.
            if schedule.running and (reason := _gone(bench, schedule)):
                yield _warning(schedule, reason, 0)
            continue
        reason = why_down(bench, schedule)
        if reason:
            yield _warning(schedule, reason, len(late(bench, schedule)))
        elif len(schedule.tickers) > 1:
            yield _two(schedule)


def _warning(schedule: Schedule, reason: str, overdue: int) -> Warning:
    return Warning(
        code="scheduler_down",
        severity="critical",
        site=schedule.site,
        since=schedule.ticked_at,
        message=f"Nothing scheduled runs on {schedule.site}: {reason}.{_overdue(overdue)}",
        evidence={
            "site": schedule.site,
            "reason": reason,
            "ticked_at": iso(schedule.ticked_at),
            "tick_s": schedule.tick_s,
            "process": schedule.process,
            "host": schedule.host,
            "overdue": overdue,
        },
        remedies=_remedies(schedule),
    )


def _two(schedule: Schedule) -> Warning:
    """Frappe's lock keeps a second one from starting on the same machine only, or in the same container."""
    who = " and ".join(schedule.tickers)
    return Warning(
        code="scheduler_down",
        severity="warning",
        site=schedule.site,
        message=f"{len(schedule.tickers)} schedulers come by for {schedule.site}: {who}. "
        "A run may be enqueued twice. End all but one.",
        evidence={"site": schedule.site, "schedulers": list(schedule.tickers), "tick_s": schedule.tick_s},
        needs_proof=True,
        about="schedulers",
    )


ENABLE = Remedy(
    "enable_scheduler",
    "Switch it on",
    "System Settings are changed: the scheduler enqueues this site's schedules from its next tick on.",
    needs_site=True,
)
UNPAUSE = Remedy(
    "unpause_scheduler",
    "End the pause",
    "pause_scheduler is set to 0 in this site's configuration. Somebody paused it for a reason.",
    safe=False,
    needs_site=True,
)
TICK = Remedy(
    "tick",
    "Enqueue what is overdue",
    "What the scheduler would do now, once. It does not start the scheduler's process.",
    needs_site=True,
)


def _remedies(schedule: Schedule) -> tuple[Remedy, ...]:
    if schedule.running:
        return (TICK,)
    return {"switched_off": (ENABLE,), "paused": (UNPAUSE,)}.get(schedule.off or "", ())


def why_down(bench: Bench, schedule: Schedule) -> str:
    """In words; "" when it runs, as far as is known."""
    if not schedule.running:
        return schedule.reason or "its scheduler is off"
    if reason := _gone(bench, schedule):
        return reason
    if not any(silent(schedule, entry) for entry in late(bench, schedule)):
        return ""
    what = "its scheduler has not ticked"
    if schedule.ticked_at:
        what += f" for {duration((bench.at - schedule.ticked_at).total_seconds())}"
    return f"{what}, it should every {duration(schedule.tick_s)}; {_process(schedule)}"


def _gone(bench: Bench, schedule: Schedule) -> str:
    lost = scheduler_liveness.gone(schedule, bench.at)
    if lost is None or lost.gone_at is None:
        return ""
    ago = duration((bench.at - lost.gone_at).total_seconds())
    return f"its scheduler's process is gone: it ran on {lost.host} until {ago} ago, and none runs there now"


def _process(schedule: Schedule) -> str:
    if schedule.process is None:
        return "whether its process lives cannot be seen from here"
    return f"{'a' if schedule.process else 'no'} scheduler process runs on {schedule.host}"


def _overdue(count: int) -> str:
    return f" {many(count, 'schedule is', 'schedules are')} overdue." if count else ""
