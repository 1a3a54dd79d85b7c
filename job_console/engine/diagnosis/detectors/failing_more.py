"""`failing_more`: a method fails more often than it does at such an hour.

What failed of its runs in the last half hour, against a share that past hours did not exceed (`history.baselines`), of
this hour of the weekday and of this hour of the last days: more than each that is known, and so much that good chance
would do it once in a million half hours. A method that only fails is `crash_loop`, many methods at once are
`failure_burst`, processes that were killed are `killed`: then this is not said besides.

Wrong if: failures of these runs are what the method is for, and many more of them were wanted in this half hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ...history import baselines
from ...history import limits as history_limits
from ...messages import _
from ...models.bench import Bench
from ...models.warnings import Warning
from . import failure_burst
from .usual import hours


def detect(bench: Bench) -> Iterator[Warning]:
    told = {method for burst in failure_burst.detect(bench) for method in burst.evidence["methods"]}
    for each in bench.lately.methods:
        past = baselines.fails_more(each)
        if past is None or each.method in told:
            continue
        newest = next((run for run in bench.failed_lately if run.method == each.method), None)
        yield Warning(
            code="failing_more",
            severity="warning",
            queue=each.queue,
            job_id=newest.job_id if newest and len(each.sites) == 1 else None,
            site=each.sites[0] if len(each.sites) == 1 else None,
            since=bench.at - timedelta(seconds=history_limits.LATELY_S),
            message=_(
                "{method} fails more often than usual: {failed:,} of its last {runs:,} runs; at most {share:.1%} is "
                "usual {hour}."
            ).format(method=each.method, failed=each.failed, runs=each.runs, share=past.share, hour=hours(past.kind)),
            evidence={
                "method": each.method,
                "failures": each.failed,
                "runs": each.runs,
                "share": round(each.failed / each.runs, 4),
                "usual_share": round(past.share, 4),
                "compared_with": past.kind,
                "past_hours": past.hours,
                "past_runs": past.runs,
                "newest_error": newest.message if newest else None,
                "sites": list(each.sites),
            },
            about=each.method,
            of_bench=len(each.sites) != 1,
        )
