"""`crash_loop`: the same method fails again and again: five times within fifteen minutes, and never succeeds.

Failures are those of RQ's registry and of our own record; successes those of RQ's registry and of the statistics.

Wrong if: one of them ended well and nobody counted it (no hooks of ours, and its result was not kept); or each was
tried again under its id and ended well: those are left out as soon as their records show it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...messages import _, joined
from ...models.bench import Bench, FailedRun
from ...models.holds import METHOD, of_method, place
from ...models.retries import Circuit
from ...models.warnings import Remedy, Warning
from ...retries import circuit
from ...retries import limits as retries_limits
from ...rq.records import KILLS
from ...wording import duration, many
from .failures import at_least, by_method

CLOSE = Remedy(
    "close_circuit",
    _("Close the circuit"),
    _("The retries that wait go back to their lane at once, and count as ever."),
)

PAUSE_METHOD = Remedy(
    "pause_method",
    _("Pause the method"),
    _("Its jobs wait, instead of failing, until then or until somebody resumes it. What runs goes on."),
    safe=False,
)


def detect(bench: Bench) -> Iterator[Warning]:
    reported = set()
    for newest, runs in loops(bench):
        more = at_least(bench, runs, retries_limits.CRASH_LOOP_S)
        span = duration((bench.at - runs[-1].at).total_seconds())
        kind = _kind(runs)
        reported.add(circuit.name(newest.site, newest.method))
        opened = bench.circuits.get(circuit.name(newest.site, newest.method))
        yield Warning(
            code="crash_loop",
            severity="warning",
            queue=newest.queue,
            job_id=newest.job_id,
            site=newest.site,
            since=runs[-1].at,
            message=joined(
                (
                    _("{method} fails again and again: {times} in {span}, never well. Most often {kind}.").format(
                        method=newest.method,
                        times=many(len(runs), _("{count:,} time"), _("{count:,} times"), at_least=more),
                        span=span,
                        kind=kind,
                    ),
                    _held(opened),
                )
            ),
            evidence={
                "method": newest.method,
                "failures": len(runs),
                "at_least": more,
                "type": kind,
                "newest_error": newest.message,
                "newest_at": newest.at.isoformat(),
            },
            remedies=(*((CLOSE,) if opened else ()), *_pause(bench, newest.site, newest.method)),
            needs_proof=True,
            about=newest.method,
        )
    yield from (_open(bench, each) for name, each in bench.circuits.items() if name not in reported)


def _pause(bench: Bench, site: str | None, method: str) -> tuple[Remedy, ...]:
    """The hook that obeys it runs in the jobs of a site."""
    held = place(METHOD, of_method(site, method)) in bench.holds
    return (PAUSE_METHOD,) if site and not held else ()


def loops(bench: Bench) -> Iterator[tuple[FailedRun, list[FailedRun]]]:
    """Methods that only fail: (the newest failure, all of them from newest to oldest)."""
    for newest, runs in by_method(bench.failed_lately, bench.at, retries_limits.CRASH_LOOP_S):
        succeeded = bench.succeeded_at.get((newest.site, newest.method))
        lately = succeeded is not None and (bench.at - succeeded).total_seconds() <= retries_limits.CRASH_LOOP_S
        if len(runs) >= retries_limits.CRASH_LOOP_RUNS and not lately and _kind(runs) not in KILLS:  # those: `killed`
            yield newest, runs


def _kind(runs: list[FailedRun]) -> str:
    return Counter(run.type for run in runs).most_common(1)[0][0]


def _held(opened: Circuit | None) -> str:
    if opened is None:
        return ""
    return _("Its circuit is open: {retries}, and one is tried each minute.").format(
        retries=many(opened.held, _("{count:,} retry waits"), _("{count:,} retries wait"))
    )


def _open(bench: Bench, opened: Circuit) -> Warning:
    """Its failures are longer ago, or those of runs that were killed."""
    return Warning(
        code="crash_loop",
        severity="warning",
        queue=opened.queue,
        job_id=opened.job_id,
        site=opened.site or None,
        since=opened.opened_at,
        message=joined(
            (
                _("{method} has failed in {jobs}, and never ended well since.").format(
                    method=opened.method, jobs=many(opened.jobs, _("{count:,} job"), _("{count:,} jobs"))
                ),
                _held(opened),
            )
        ),
        evidence={"method": opened.method, "failures": opened.jobs, "newest_error": opened.error, "held": opened.held},
        remedies=(CLOSE, *_pause(bench, opened.site, opened.method)),
        about=opened.method,
    )
