"""A duty of the sweep: bulk actions whose asker has gone away are gone on with."""

from __future__ import annotations

from datetime import timedelta

from ..jobs import bulk, bulk_store, query_text
from ..jobs import limits as jobs_limits
from ..jobs.redact import Redaction
from ..models.jobs import Job
from ..redis.link import reaching_redis
from .shared import Core
from .watch import Look

_REDACTION = Redaction()


def go_on(engine: Core, look: Look) -> None:
    """One turn of each that was left. One round trip or two when there is none."""

    def redact(job: Job) -> Redaction:
        policy = look.bench.policies.of(job)
        return _REDACTION.hiding(policy.sensitive) if policy and policy.sensitive else _REDACTION

    left_since = look.bench.at - timedelta(seconds=jobs_limits.BULK_LEFT_S)
    with reaching_redis():
        for each in bulk_store.listed(engine.redis):
            if each.runs and each.touched_at < left_since:
                query = query_text.read(each.asked.q, each.started_at, redact)
                bulk.step(engine.redis, engine.reader, look.bench, each, query)
                engine.watch.forget()
