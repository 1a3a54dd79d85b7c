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

from ...messages import _, joined, listed
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
        message=joined(
            (
                _("Nothing scheduled runs on {site}: {reason}.").format(site=schedule.site, reason=reason),
                _overdue(overdue),
            )
        ),
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
    who = listed(schedule.tickers)
    return Warning(
        code="scheduler_down",
        severity="warning",
        site=schedule.site,
        message=_("{count} schedulers come by for {site}: {who}. A run may be enqueued twice. End all but one.").format(
            count=len(schedule.tickers), site=schedule.site, who=who
        ),
        evidence={"site": schedule.site, "schedulers": list(schedule.tickers), "tick_s": schedule.tick_s},
        needs_proof=True,
        about="schedulers",
    )


ENABLE = Remedy(
    "enable_scheduler",
    _("Switch it on"),
    _("System Settings are changed: the scheduler enqueues this site's schedules from its next tick on."),
    needs_site=True,
)
UNPAUSE = Remedy(
    "unpause_scheduler",
    _("End the pause"),
    _("pause_scheduler is set to 0 in this site's configuration. Somebody paused it for a reason."),
    safe=False,
    needs_site=True,
)
TICK = Remedy(
    "tick",
    _("Enqueue what is overdue"),
    _("What the scheduler would do now, once. It does not start the scheduler's process."),
    needs_site=True,
)


def _remedies(schedule: Schedule) -> tuple[Remedy, ...]:
    if schedule.running:
        return (TICK,)
    return {"switched_off": (ENABLE,), "paused": (UNPAUSE,)}.get(schedule.off or "", ())


def why_down(bench: Bench, schedule: Schedule) -> str:
    """In words; "" when it runs, as far as is known."""
    if not schedule.running:
        return schedule.reason or _("its scheduler is off")
    if reason := _gone(bench, schedule):
        return reason
    if not any(silent(schedule, entry) for entry in late(bench, schedule)):
        return ""
    text = _("its scheduler has not ticked, it should every {tick}; {process}")
    if schedule.ticked_at is None:
        return text.format(tick=duration(schedule.tick_s), process=_process(schedule))
    return _("its scheduler has not ticked for {silent}, it should every {tick}; {process}").format(
        silent=duration((bench.at - schedule.ticked_at).total_seconds()),
        tick=duration(schedule.tick_s),
        process=_process(schedule),
    )


def _gone(bench: Bench, schedule: Schedule) -> str:
    lost = scheduler_liveness.gone(schedule, bench.at)
    if lost is None or lost.gone_at is None:
        return ""
    ago = duration((bench.at - lost.gone_at).total_seconds())
    return _("its scheduler's process is gone: it ran on {host} until {ago} ago, and none runs there now").format(
        host=lost.host, ago=ago
    )


def _process(schedule: Schedule) -> str:
    if schedule.process is None:
        return _("whether its process lives cannot be seen from here")
    text = _("no scheduler process runs on {host}")
    if schedule.process:
        text = _("a scheduler process runs on {host}")
    return text.format(host=schedule.host)


def _overdue(count: int) -> str:
    return many(count, _("{count:,} schedule is overdue."), _("{count:,} schedules are overdue.")) if count else ""
