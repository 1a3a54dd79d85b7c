"""What every contestant measures itself with. Needs only redis-py, of any version that a contestant runs with.

Times are taken with nothing in the way. Round trips, commands and the server's own clock are read in further runs.
"""

from __future__ import annotations

import contextlib
import gc
import statistics
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import redis
import redis.connection

#: Runs with the server's slow log on; the slowest command is the worst of all of them.
WATCHED_RUNS = 10
Rounds = list[list[tuple[Any, ...]]]
_CONNECTION: Any = getattr(redis.connection, "AbstractConnection", redis.connection.Connection)


@dataclass
class Measured:
    median_ms: float
    p99_ms: float
    runs: int
    round_trips: float
    commands: float  # sent
    ran: float  # by the server, those inside of scripts included
    slowest_ms: float  # the worst of all commands in all watched runs
    slowest_usual_ms: float  # median over the runs of the slowest command of each
    slowest: str

    def json(self) -> dict[str, Any]:
        return asdict(self)


@contextlib.contextmanager
def listening(port: int) -> Iterator[Rounds]:
    """Every command that this process sends to `port`, by round trips: one for each time that something is sent."""
    rounds: Rounds = []
    send, pack = _CONNECTION.send_command, _CONNECTION.pack_commands

    def send_command(self: Any, *args: Any, **options: Any) -> Any:
        if self.port == port:
            rounds.append([args])
        return send(self, *args, **options)

    def pack_commands(self: Any, commands: Any) -> Any:
        commands = list(commands)
        if self.port == port:
            rounds.append(commands)
        return pack(self, commands)

    _CONNECTION.send_command, _CONNECTION.pack_commands = send_command, pack_commands
    try:
        yield rounds
    finally:
        _CONNECTION.send_command, _CONNECTION.pack_commands = send, pack


def timed(call: Callable[[], Any]) -> float:
    began = perf_counter()
    call()
    return (perf_counter() - began) * 1000


def spread(times: list[float]) -> tuple[float, float]:
    """(median, 99th percentile)."""
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]


def repeat(calls: list[Callable[[], Any]], runs: int, seconds: float, before: Callable[[], Any]) -> list[list[float]]:
    """Times of each call, in turns, so that all of them meet the same weather. `before` is not timed."""
    for call in calls:  # connections, imports, compiled scripts
        before()
        call()
    gc.collect()
    times: list[list[float]] = [[] for _ in calls]
    end = perf_counter() + seconds
    while len(times[0]) < runs and (perf_counter() < end or len(times[0]) < 3):
        for call, own in zip(calls, times, strict=True):
            before()
            own.append(timed(call))
    return times


def measure(
    call: Callable[[], Any],
    port: int,
    runs: int = 200,
    seconds: float = 1.2,
    before: Callable[[], Any] = lambda: None,
    times: list[float] | None = None,
) -> Measured:
    (times,) = [times] if times else repeat([call], runs, seconds, before)
    median, p99 = spread(times)
    watched = min(WATCHED_RUNS, len(times))
    rounds = commands = ran = 0
    slowest: list[tuple[float, str]] = []
    with contextlib.closing(redis.Redis(port=port)) as admin:
        for _ in range(watched):
            before()
            with _slow_log(admin) as log, listening(port) as sent:
                call()
            rounds += len(sent)
            commands += sum(map(len, sent))
            ran += log.ran
            slowest.append(log.slowest)
    worst = max(slowest)
    return Measured(
        median_ms=median,
        p99_ms=p99,
        runs=len(times),
        round_trips=rounds / watched,
        commands=commands / watched,
        ran=ran / watched,
        slowest_ms=worst[0],
        slowest_usual_ms=statistics.median(took for took, _name in slowest),
        slowest=worst[1],
    )


class _Log:
    ran = 0
    slowest = (0.0, "")


@contextlib.contextmanager
def _slow_log(admin: redis.Redis) -> Iterator[_Log]:
    log = _Log()
    admin.config_set("slowlog-max-len", 1_000_000)
    admin.config_set("slowlog-log-slower-than", 0)
    own = admin.client_info()["addr"]
    admin.slowlog_reset()
    admin.config_resetstat()
    try:
        yield log
    finally:
        counted = admin.info("commandstats")
        admin.config_set("slowlog-log-slower-than", -1)
        entries = [entry for entry in admin.slowlog_get(-1) if _text(entry["client_address"]) != own]
        # Of ours: the one that resets the statistics and the one that reads them.
        ours = ("cmdstat_config|resetstat", "cmdstat_slowlog|reset")
        log.ran = sum(row["calls"] for name, row in counted.items() if name not in ours)
        took, name = max(((entry["duration"], _text(entry["command"])) for entry in entries), default=(0, ""))
        log.slowest = (took / 1000, " ".join(name.split()[:2])[:60])
        admin.slowlog_reset()


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def rss_mb(pid: int | str = "self") -> float:
    """Resident memory of a process now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024
