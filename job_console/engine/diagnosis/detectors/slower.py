"""`slower`: a method runs far longer than it does at such an hour, in half of its runs or more.

The median of what ended well in the last half hour, against the medians of past hours (`history.baselines`): of this
hour of the weekday, and of this hour of the last days. It must be beyond each of them that is known, so a past that
has changed already is not news. One run that does not end is `overrunning`.

Wrong if: its jobs have more to do than ever at this hour, or another method of the same name was deployed: then that
it is slower is true, and wanted; within a week it is what is usual.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

from ...history import baselines
from ...history import limits as history_limits
from ...messages import _
from ...models.bench import Bench
from ...models.warnings import Warning
from ...wording import lasted
from .usual import hours


def detect(bench: Bench) -> Iterator[Warning]:
    for each in bench.lately.methods:
        past = baselines.slower(each)
        if past is None or each.median_s is None:
            continue
        usual_s = math.exp(past.median)
        yield Warning(
            code="slower",
            severity="warning",
            queue=each.queue,
            site=each.sites[0] if len(each.sites) == 1 else None,
            since=bench.at - timedelta(seconds=history_limits.LATELY_S),
            message=_(
                "{method} is slower than usual: half of its last {runs:,} runs took {now} or more; {past} is usual "
                "{hour}."
            ).format(
                method=each.method,
                runs=each.timed,
                now=lasted(each.median_s),
                past=lasted(usual_s),
                hour=hours(past.kind),
            ),
            evidence={
                "method": each.method,
                "runs": each.timed,
                "median_s": round(each.median_s, 3),
                "usual_s": round(usual_s, 3),
                "times": round(each.median_s / usual_s, 1),
                "compared_with": past.kind,
                "past_hours": past.hours,
                "sites": list(each.sites),
            },
            about=each.method,
            of_bench=len(each.sites) != 1,
        )
