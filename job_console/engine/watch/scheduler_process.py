"""Whether this host runs the bench's scheduler, by the lock that it holds: sweeps look at that, and publish it in
Redis."""

from __future__ import annotations

from pathlib import Path
from socket import gethostname

from ..otherlocks.owners import flocks, owner
from ..schedule import limits as schedule_limits
from ..schedule import process
from .core import Core
from .sweep import Duty
from .watch import Look

_PROC = Path("/proc")


def lives(bench: Path, proc: Path = _PROC) -> bool | None:
    """Whether a process of this host holds the lock of this bench. None: it cannot be known here.

    A horse inherits the lock of a worker whose thread was the scheduler, and keeps it when that worker is killed: so
    the process that took it is asked after, too.
    """
    file, held = bench / "config" / "scheduler_process", flocks(proc)
    try:
        if held is None:
            return None
        alive = {inode: tuple(pid for pid in pids if (proc / str(pid)).exists()) for inode, pids in held.items()}
        return owner(file, alive, proc) is not None
    except OSError:
        return None


def duty(bench: Path) -> Duty:
    """One for each host: what others see of their own lock says nothing of ours."""

    def look(engine: Core, look: Look) -> None:
        here = gethostname()
        for schedule in look.bench.schedules.values():
            if (bench / "sites" / schedule.site / "site_config.json").exists():
                process.see(engine.redis, schedule.site, here, lives(bench))

    return Duty(f"scheduler_process:{gethostname()}", look, every_s=schedule_limits.SWEEP_EVERY_S)
