"""OpenTelemetry's SDK, as `OTEL_*` configure it: theirs who operate the bench, who may also have set it up by their own
means (`opentelemetry-instrument`, an application). Imports OpenTelemetry.

A process sets it up at its first span: a job's process after it was forked, so that it shares no thread and no
connection with its worker.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.metadata import entry_points
from threading import Thread
from typing import Any

from opentelemetry import trace

#: Exporters of spans register themselves under these names.
_GROUP = "opentelemetry_traces_exporter"


def tracer(service: str = "") -> Any:
    """`service`: its name, where the environment does not say another one."""
    from job_console import __version__

    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        _set_up(service)
    return trace.get_tracer("job_console", __version__)


def flush(within_s: float) -> bool:
    """Send what has ended. False: it took longer, or failed; it goes on while this process does.

    In a thread: the SDK's own time limit is not kept by all of its versions.
    """
    provider: Any = trace.get_tracer_provider()
    if not hasattr(provider, "force_flush"):
        return True
    sent: list[bool] = []
    sending = Thread(target=lambda: sent.append(provider.force_flush(round(within_s * 1000))), daemon=True)
    sending.start()
    sending.join(within_s)
    return sent[:1] == [True]


def exporters() -> list[Any]:
    """As `OTEL_TRACES_EXPORTER` names them; `otlp` where it does not, as the specification has it."""
    return [make() for make in _exporters()]


def preload() -> None:
    """Import what the processes need that are forked from this one; start nothing."""
    import_module("opentelemetry.sdk.trace.export")
    _exporters()


def _exporters() -> list[Any]:
    names = [_entry_point(name.strip()) for name in os.environ.get("OTEL_TRACES_EXPORTER", "otlp").split(",")]
    found = [next(iter(entry_points(group=_GROUP, name=name)), None) for name in names if name not in ("", "none")]
    return [each.load() for each in found if each is not None]


def _entry_point(name: str) -> str:
    if name != "otlp":
        return name
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", protocol)
    return "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"


def resource(service: str) -> Any:
    from opentelemetry.sdk.resources import Resource

    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({} if named or not service else {"service.name": service})


def _set_up(service: str) -> None:
    try:
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        return  # the API alone: its spans go nowhere
    provider = TracerProvider(resource=resource(service))
    for exporter in exporters():
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
