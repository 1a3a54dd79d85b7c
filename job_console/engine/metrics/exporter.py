"""Answers scrapes. Loads prometheus_client when the first one comes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import BadRequest
from ..messages import _
from ..watch.shared import Core
from .readings import Readings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

#: As pyproject.toml has it.
REQUIREMENT = "prometheus_client>=0.20"


class Exporter:
    """Thread-safe. `read` is called for each scrape, and may raise RedisUnavailable."""

    def __init__(self, engine: Core, read: Callable[[], Readings], of_process: bool = False) -> None:
        """`of_process`: this process serves all scrapes, so what it costs itself makes series that go on."""
        self.engine = engine
        self.read = read
        self.of_process = of_process

    def answer(self, accept: str) -> tuple[bytes, str]:
        """The exposition in the format that the scraper prefers (its Accept header), and what format that is.

        Raises BadRequest where the library is missing.
        """
        check()
        from .collector import exposition

        return exposition(self._registry, accept)

    @cached_property
    def _registry(self) -> CollectorRegistry:
        from .collector import BenchCollector, registry

        return registry(BenchCollector(self.engine, self.read, self.of_process))


def check() -> None:
    """Raises BadRequest where the library is missing."""
    try:
        import prometheus_client  # noqa: F401
    except ImportError:
        raise BadRequest(
            _("Metrics need the library {library}, which is not installed here: {command}").format(
                library="prometheus_client", command=f"pip install '{REQUIREMENT}'"
            )
        ) from None
