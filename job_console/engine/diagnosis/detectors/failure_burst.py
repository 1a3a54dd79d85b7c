"""`failure_burst`: of the runs that ended in the last minutes a large share failed, of whatever methods.

A method that only fails is `crash_loop`, processes that were killed are `killed`: those have their own warnings, and
do not count as failures here. Below `limits.BURST_RUNS` runs, or `limits.BURST_FAILED` failures, a share means nothing.
Where only the newest failures or successes were read, the time that both cover is the window: see `recent.ended_well`.

Wrong if: what ended well left no trace (a result that is not kept, on a site whose hooks count nothing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...look import limits as look_limits
from ...messages import _
from ...models.bench import Bench, FailedRun
from ...models.warnings import Warning
from ...rq.records import KILLS
from ...wording import duration, many
from .. import limits
from .crash_loop import loops


def detect(bench: Bench) -> Iterator[Warning]:
    reported = {(newest.site, newest.method) for newest, _runs in loops(bench)}
    failed: dict[str | None, list[FailedRun]] = {}
    for run in bench.failed_lately:
        if run.at >= bench.ended_well.since and bench.ended_well.since < bench.at:
            failed.setdefault(run.site, []).append(run)
    for site, runs in failed.items():
        odd = [run for run in runs if (run.site, run.method) not in reported and run.type not in KILLS]
        ended = len(runs) + bench.ended_well.count(site)
        if (
            len(odd) >= look_limits.BURST_FAILED
            and ended >= limits.BURST_RUNS
            and len(odd) >= limits.BURST_SHARE * ended
        ):
            yield _warning(bench, site, odd, ended)


def _warning(bench: Bench, site: str | None, odd: list[FailedRun], ended: int) -> Warning:
    newest, oldest = max(odd, key=lambda run: run.at), min(odd, key=lambda run: run.at)
    methods = Counter(run.method for run in odd)
    (kind, of_kind), *_others = Counter(run.type for run in odd).most_common(1)
    span = duration((bench.at - bench.ended_well.since).total_seconds())
    where = (
        next(iter(methods)) if len(methods) == 1 else many(len(methods), _("{count:,} method"), _("{count:,} methods"))
    )
    return Warning(
        code="failure_burst",
        severity="warning",
        queue=newest.queue,
        job_id=newest.job_id,
        site=site,
        since=oldest.at,
        message=_(
            "{count:,} of {ended:,} runs failed in the last {span}, of {where}. Most often {kind} ({of_kind:,})."
        ).format(count=len(odd), ended=ended, span=span, where=where, kind=kind, of_kind=of_kind),
        evidence={
            "failures": len(odd),
            "runs": ended,
            "window_s": round((bench.at - bench.ended_well.since).total_seconds(), 1),
            "type": kind,
            "methods": dict(methods.most_common(5)),
            "newest_error": newest.message,
            "newest_at": newest.at.isoformat(),
        },
        needs_proof=True,
        about="failures",
    )
