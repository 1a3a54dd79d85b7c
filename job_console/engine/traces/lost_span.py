"""Makes and sends the span of a run that was killed: see `lost`. Imports OpenTelemetry's SDK.

With a provider of its own, which gives the ids that the lost span had, starts no thread, and is gone afterwards.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from ..rq import call as calls
from . import carried, sdk, spans


class _Known(IdGenerator):
    def __init__(self, lost: SpanContext) -> None:
        self._lost = lost

    def generate_span_id(self) -> int:
        return self._lost.span_id

    def generate_trace_id(self) -> int:
        return self._lost.trace_id


def send(job: Any, signal: int | None, stopped: bool, ended: datetime) -> None:
    lost = spans.remote(carried.of(job.meta, carried.RUN))[1]
    if not (lost.is_valid and lost.trace_flags.sampled):
        return
    outer, maker = spans.remote(carried.of(job.meta, carried.MADE))
    provider = TracerProvider(resource=sdk.resource(job.origin.rpartition(":")[0]), id_generator=_Known(lost))
    for exporter in sdk.exporters():
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    packed = job.connection.hget(job.key, "data")
    call = calls.read(job.id, packed, len(packed or b""), job.description)
    span = provider.get_tracer("job_console").start_span(
        f"run {call.method}",
        kind=SpanKind.CONSUMER,
        context=outer if maker.is_valid else None,
        attributes=spans.attributes(call, job.origin, job.id, "process", "run"),
        start_time=_ns(job.started_at or ended),
    )
    span.set_attribute("job_console.reported_by", "worker")
    if stopped:
        span.set_attribute("job_console.outcome", "stopped")
    else:
        by = f"signal {signal}" if signal is not None else "itself"
        span.set_attributes({"job_console.outcome": "killed", "error.type": "killed"})
        span.set_status(Status(StatusCode.ERROR, f"Its process was ended by {by}, in the middle of the job."))
    span.end(_ns(ended))
    provider.shutdown()


def _ns(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)  # RQ 1 leaves the zone out
    return int(aware.timestamp() * 1_000_000_000)
