"""The spans of a job: one where it is made, one for each run. Imports OpenTelemetry.

Attributes are those of OpenTelemetry's conventions for messaging where these fit; `docs/traces.md` lists them. The
arguments of a job are none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import context, trace
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ..models.jobs import Call
from . import carried, limits, lost, sdk

_W3C = TraceContextTextMapPropagator()


def attributes(call: Call, queue: str, job_id: str | None, kind: str, operation: str) -> dict[str, str]:
    known = {
        "messaging.system": "rq",
        "messaging.operation.type": kind,
        "messaging.operation.name": operation,
        "messaging.destination.name": queue,
        "messaging.message.id": job_id,
        "code.function.name": call.method,
        "job_console.site": call.site,
        "user.id": call.user,
    }
    return {name: value for name, value in known.items() if value}


@contextmanager
def making(call: Call, queue: str, service: str) -> Iterator[tuple[Any, dict[str, str]]]:
    """The span around the making of a job, and the headers that the job is to carry."""
    span = sdk.tracer(service).start_span(
        f"enqueue {call.method}",
        kind=SpanKind.PRODUCER,
        attributes=attributes(call, queue, None, "send", "enqueue"),
    )
    with trace.use_span(span, end_on_exit=True):
        yield span, headers()


def made(span: Any, job_id: str) -> None:
    span.set_attribute("messaging.message.id", job_id)


def headers() -> dict[str, str]:
    """Of the present span."""
    found: dict[str, str] = {}
    _W3C.inject(found)
    return found


def remote(found: Mapping[str, str]) -> Any:
    """The context of these headers, and its span's, which is not valid when there is none."""
    outer = _W3C.extract(found, context.Context())
    return outer, trace.get_current_span(outer).get_span_context()


def present_trace_id() -> str:
    """As collectors write it; "" outside a span."""
    present = trace.get_current_span().get_span_context()
    return trace.format_trace_id(present.trace_id) if present.is_valid else ""


class RunSpan:
    """The span of one run, which is the present one of this process until `end`."""

    def __init__(self, job: Any, call: Call, service: str) -> None:
        self._span = sdk.tracer(service).start_span(
            f"run {call.method}",
            kind=SpanKind.CONSUMER,
            attributes=attributes(call, job.origin, job.id, "process", "run"),
            **_joined(job.meta),
        )
        self._token = context.attach(trace.set_span_in_context(self._span))
        self._headers = {**headers(), lost.BEGAN: lost.began(job) or ""}
        #: Nobody took the spans of the last jobs in time.
        self.late = False

    def noted(self, meta: Any) -> dict[str, Any] | None:
        """The job's `meta`, with which its next run links to this one. None: nobody records this run."""
        if not self._span.get_span_context().is_valid:
            return None
        return carried.noted(meta, carried.RUN, self._headers)

    def attempt(self, number: int) -> None:
        self._span.set_attribute("job_console.attempt", number)

    def again(self, error: BaseException | None) -> None:
        """Frappe runs it once more in place: its database refused."""
        self.event("run again in place", **({"error.type": type(error).__name__} if error else {}))

    def event(self, name: str, **said: Any) -> None:
        self._span.add_event(name, {key: value for key, value in said.items() if value is not None})

    def end(self, outcome: str, error: BaseException | None) -> None:
        """`error`: None also for what left its run on purpose."""
        self._span.set_attribute("job_console.outcome", outcome)
        if error is not None:
            self._span.set_attribute("error.type", type(error).__name__)
            self._span.record_exception(error)
            said = f"{type(error).__name__}: {error}"[: limits.STATUS_CHARS]
            self._span.set_status(Status(StatusCode.ERROR, said))
        context.detach(self._token)
        self._span.end()


def _joined(meta: Any) -> dict[str, Any]:
    """Where it belongs: below the span that made the job, with a link to it; and a link to the run before."""
    outer, maker = remote(carried.of(meta, carried.MADE))
    before = remote(carried.of(meta, carried.RUN))[1]
    links = [Link(maker, {"job_console.link": "made by"})] if maker.is_valid else []
    if before.is_valid:
        links.append(Link(before, {"job_console.link": "run before"}))
    if maker.is_valid:
        return {"context": outer, "links": links}
    return {"links": links}
