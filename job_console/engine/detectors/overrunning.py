"""`overrunning`: running far beyond what its own history calls normal.

History is that of the method's runs that ended well, in the last week (`statistics`). Beyond its timeout a job is
`past_timeout`, and that is then the one warning about it.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import limits
from ..models import Bench, Job, Usual, Warning
from .timeouts import STOP, past
from .words import duration, iso, name
from .worker_lost import lost


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in lane.running:
            usual, ran = bench.usual.get(job.call.method), job.elapsed_s(bench.at)
            if usual is None or ran is None or not overruns(job, usual, ran):
                continue
            if lost(bench.at, job, bench.worker(job.worker))[0]:
                continue  # nothing runs any more: `worker_lost`
            yield Warning(
                code="overrunning",
                severity="warning",
                queue=lane.name,
                job_id=job.id,
                worker=job.worker,
                site=job.site,
                since=job.started_at,
                message=f"{name(job)} has run {duration(ran)}, usually {duration(usual.median_s or 0.0)}.",
                evidence={
                    "method": job.call.method,
                    "started_at": iso(job.started_at),
                    "usual_s": usual.median_s,
                    "p99_s": usual.p99_s,
                    "runs": usual.runs,
                },
                remedies=(STOP,),
            )


def overruns(job: Job, usual: Usual, ran: float) -> bool:
    if job.status != "started" or usual.runs < limits.OVERRUN_RUNS or usual.p99_s is None:
        return False
    return not past(job, ran) and ran > max(limits.OVERRUN_MIN_S, limits.OVERRUN_FACTOR * usual.p99_s)
