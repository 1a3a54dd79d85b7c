"""Whether this host runs the bench's scheduler, judged by the scheduler's lock; sweeps publish it in Redis."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from socket import gethostname

from ..otherlocks import BenchFolder
from ..otherlocks.owners import flocks, owner, started
from ..redis.link import Redis
from ..schedule import limits as schedule_limits
from ..schedule import scheduler_liveness
from .shared import Core
from .sweep import Duty
from .watch import Look

_PROC = Path("/proc")


def lives(bench: Path, proc: Path = _PROC) -> bool | None:
    """Whether a process of this host holds the lock of this bench. None: it cannot be known here.

    A work-horse inherits the lock of a worker whose thread is the scheduler, and keeps it when that worker is killed.
    So the process that took the lock must be alive, too.
    """
    file, held = bench / "config" / "scheduler_process", flocks(proc)
    try:
        if held is None:
            return None
        alive = {inode: tuple(pid for pid in pids if (proc / str(pid)).exists()) for inode, pids in held.items()}
        return owner(file, alive, proc) is not None
    except OSError:
        return None


def comes(bench: Path, proc: Path = _PROC) -> bool:
    """Whether a process of this bench may be about to take the lock: a scheduler, or a pool that has just begun."""
    return any(entry.name.isdecimal() and _may_take_it(entry, bench.resolve()) for entry in proc.iterdir())


def _may_take_it(entry: Path, bench: Path) -> bool:
    try:
        words = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False  # it has just ended
    if b"schedule" not in words and not (b"worker-pool" in words and _has_just_begun(int(entry.name))):
        return False
    try:
        folder = (entry / "cwd").resolve(strict=True)
    except OSError:
        return True  # whose it is cannot be seen
    return bench in (folder, *folder.parents) or any(str(bench).encode() in word for word in words)


def _has_just_begun(pid: int) -> bool:
    began = started(pid)
    age_s = (datetime.now(timezone.utc) - began).total_seconds() if began else 0.0
    return age_s < schedule_limits.SCHEDULER_GONE_S


def publish(redis: Redis, bench: BenchFolder, held: bool, sites: Iterable[str] | None = None) -> None:
    """Publish whether the lock is held, for these sites; None: for all sites of the bench."""
    named = bench.sites() if sites is None else sites
    scheduler_liveness.see(redis, named, gethostname(), held, None if held else comes(bench.path))


def duty(bench: Path) -> Duty:
    """The duty of this host: each host publishes its own lock."""

    def look(engine: Core, look: Look) -> None:
        known = [each.site for each in look.bench.schedules.values()]
        sites = [site for site in known if (bench / "sites" / site / "site_config.json").exists()]
        held = lives(bench)
        if held is not None:
            publish(engine.redis, BenchFolder(bench), held, sites)

    return Duty(f"scheduler_process:{gethostname()}", look, every_s=schedule_limits.SWEEP_EVERY_S)
