"""`duplicated`: the same work (method and arguments) waits several times.

Payloads are compared byte for byte, by their SHA-1, among the first jobs of each lane (`repeated`). Twice the same is
everyday; it is a warning when the same waits five times and the first of them for more than five minutes.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import limits
from ..models import Bench, Warning
from .words import duration, many, name


def detect(bench: Bench) -> Iterator[Warning]:
    for repeated in bench.repeated:
        waited = (bench.at - repeated.since).total_seconds()
        if repeated.count < limits.DUPLICATES or waited <= limits.DUPLICATES_WAIT_S:
            continue
        job = repeated.job
        yield Warning(
            code="duplicated",
            severity="info",
            queue=repeated.queue,
            job_id=job.id,
            site=job.site,
            since=repeated.since,
            message=f"{name(job)} waits {many(repeated.count, 'time')} with the same arguments, "
            f"the first for {duration(waited)}.",
            evidence={"method": job.call.method, "copies": repeated.count, "compared": repeated.of},
            needs_proof=True,
            about=repeated.digest,
        )
