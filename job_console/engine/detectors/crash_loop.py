"""`crash_loop`: the same method fails again and again: five times within fifteen minutes, and never succeeds.

Failures are those of RQ's registry and of our own record; successes those of RQ's registry and of the statistics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .. import limits
from ..models import Bench, Warning
from .failures import by_method
from .killed import KILLS
from .words import duration


def detect(bench: Bench) -> Iterator[Warning]:
    for newest, runs in by_method(bench.failed_lately, bench.at, limits.CRASH_LOOP_S):
        succeeded = bench.succeeded_at.get(newest.method)
        lately = succeeded is not None and (bench.at - succeeded).total_seconds() <= limits.CRASH_LOOP_S
        if len(runs) < limits.CRASH_LOOP_RUNS or lately:
            continue
        span = duration((bench.at - runs[-1].at).total_seconds())
        (kind, _count), *_others = Counter(run.type for run in runs).most_common(1)
        if kind in KILLS:
            continue  # `killed`
        yield Warning(
            code="crash_loop",
            severity="warning",
            queue=newest.queue,
            job_id=newest.job_id,
            site=newest.site,
            since=runs[-1].at,
            message=f"{newest.method} fails again and again: {len(runs)} times in {span}, never well. "
            f"Most often {kind}.",
            evidence={
                "method": newest.method,
                "failures": len(runs),
                "type": kind,
                "newest_error": newest.message,
                "newest_at": newest.at.isoformat(),
            },
            needs_proof=True,
            about=newest.method,
        )
