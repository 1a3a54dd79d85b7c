"""The sweep: a look at the bench by whatever is alive, and what has to be done about it, each thing once.

The watcher must not depend on the watched, so many sweep: `job-console watch`, `job-console serve`, an open page, the
scheduler's tick. A *duty* is one thing that has to be done every few seconds for as long as anybody is alive:

    def bury(engine: Engine, look: Look) -> None: ...

    BURY = Duty("bury", bury)                          # one on the bench; framework-free ones stand in `duties.DUTIES`
    Duty("incidents", open_and_close, site="a.localhost")    # one for each site: a host's own

    swept = engine.sweep()                             # those of `duties.DUTIES` that are due
    swept = engine.sweep([Duty("incidents", …)])       # and the host's own
    swept.done, swept.failed                           # {"incidents": "ValueError: …"}

Whoever calls as often as they like costs one round trip while nothing is due. What is due is done once, under a lease
in Redis of its own: so a process that knows fewer duties never keeps the others from being done. A duty

- gets the engine and the look (`look.bench`, `look.warnings`: proven ones, of all sites; see `scope` before you tell
  anybody). It may change things, and then calls `engine.watch.forget()`;
- may fail: that is logged, counted and shown, and never stops the others;
- may meet another process that does the same, when it takes longer than `limits.SWEEP_LEASE_S` or when Redis takes no
  writes and so gives no leases: it must be safe to do twice.

Raises RedisUnavailable; call again later.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from ..look import memory
from ..models.sweeps import DutyRecord
from ..models.warnings import Warning
from ..redis.link import pipelined, raise_first, reaching_redis, refuses_writes
from ..rq import limits as rq_limits
from ..schedule import limits as schedule_limits
from .shared import Core
from .watch import Look

log = logging.getLogger("job_console")


@dataclass(frozen=True, slots=True)
class Duty:
    """`name` and `site` say which leases are one and the same, on the whole bench."""

    name: str
    #: Called with the host's engine; framework-free ones need no more of it than `Core` has.
    do: Callable[[Any, Look], object]
    every_s: float = schedule_limits.SWEEP_EVERY_S
    site: str | None = None

    @property
    def key(self) -> str:
        return f"{self.name}@{self.site}" if self.site else self.name


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep saw and did. `done` and `failed` name duties by their `key`."""

    at: datetime
    warnings: tuple[Warning, ...]
    done: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


def sweep(engine: Core, duties: Iterable[Duty]) -> Swept | None:
    """Do those that are due. None when none is."""
    known = {duty.key: duty for duty in duties}
    with reaching_redis():
        due = [known[key] for key in engine.leases.take(list(known))]
    if not due:
        return None
    look = engine.watch.look()
    records = [_do(engine, duty, look) for duty in due]
    with reaching_redis():
        _leave(engine, due, look, records)
    failed = {record.key: record.error for record in records if record.error}
    done = tuple(record.key for record in records if not record.error)
    return Swept(look.bench.at, look.warnings, done, failed)


def _do(engine: Core, duty: Duty, look: Look) -> DutyRecord:
    began, error = monotonic(), ""
    try:
        duty.do(engine, look)
    except Exception as failure:
        log.warning("The duty %s of the sweep failed.", duty.key, exc_info=True)
        error = f"{type(failure).__name__}: {failure}"[: rq_limits.TEXT_CHARS]
    failures = next((known.failures for known in look.bench.duties if known.key == duty.key), 0)
    return DutyRecord(
        key=duty.key,
        at=look.bench.at,
        by=f"{socket.gethostname()}:{os.getpid()}",
        site=duty.site,
        took_s=round(monotonic() - began, 3),
        failures=failures + 1 if error else 0,
        error=error,
    )


def _leave(engine: Core, due: Sequence[Duty], look: Look, records: Sequence[DutyRecord]) -> None:
    """Write down how it went; each is due again `every_s` after it began."""
    pipeline = pipelined(engine.redis)
    engine.leases.end(
        pipeline, {duty.key: duty.every_s - record.took_s for duty, record in zip(due, records, strict=True)}
    )
    memory.write_duties(pipeline, engine.watch.queue_prefix, records, look.bench.duties)
    raise_first(pipeline.execute(raise_on_error=False), unless=refuses_writes)
