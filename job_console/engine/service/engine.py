"""The engine of one process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..jobs.redact import Redaction
from ..redis.link import Redis
from ..watch import scheduler_process
from ..watch.duties import DUTIES
from ..watch.shared import Core
from ..watch.sweep import Duty, Swept, sweep
from .console import Console
from .context import Context
from .viewer import Viewer


class Engine(Core):
    """The engine of one process: makes a `Console` for each viewer, and sweeps. Thread-safe."""

    def __init__(self, redis: Redis, queue_prefix: str = "") -> None:
        """`queue_prefix` keeps to one bench's queues."""
        super().__init__(redis, queue_prefix)
        #: Sites differ in their secret names; each set of them keeps what it has hidden.
        self._redaction = lru_cache(maxsize=64)(Redaction)

    def console(self, viewer: Viewer, secret_names: Sequence[str] = ()) -> Console:
        """`secret_names` are redacted besides the usual ones."""
        return Console(Context(self, viewer, self._redaction(tuple(secret_names))))

    def sweep(self, duties: Iterable[Duty] = ()) -> Swept | None:
        """Look, and do what is due of the engine's own duties and these: see `sweep`. None when nothing is due.

        Raises RedisUnavailable.
        """
        own = (scheduler_process.duty(self.folder.path),) if self.folder else ()
        return sweep(self, (*DUTIES, *own, *duties))
