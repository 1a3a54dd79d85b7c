"""The collector, and its exposition: what needs prometheus_client."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from ..errors import RedisUnavailable
from ..watch.shared import Core
from . import families
from .readings import Readings


class BenchCollector(Collector):
    """Reads once a scrape. Of a Redis that is away it says so, and nothing else."""

    def __init__(self, engine: Core, read: Callable[[], Readings], of_process: bool) -> None:
        self.engine = engine
        self.read = read
        self.of_process = of_process

    def collect(self) -> Iterator[Metric]:
        bench = str(self.engine.names["bench"] or "")
        readings = self._readings()
        yield families.build()
        yield families.redis_up(bench, readings is not None)
        if readings is not None:
            yield from families.of(readings)
        if self.of_process:
            yield families.looks(bench, *self.engine.watch.cost)

    def _readings(self) -> Readings | None:
        try:
            return self.read()
        except RedisUnavailable:
            return None


def registry(collector: BenchCollector) -> CollectorRegistry:
    """With what the process itself uses, where it serves all scrapes."""
    found = CollectorRegistry()
    found.register(collector)
    if collector.of_process:
        ProcessCollector(registry=found)
    return found


def exposition(found: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    encode, content_type = choose_encoder(accept)
    return encode(found), content_type
