"""The reader of this host: that there is one, and the right one.

It is started by the first job that finds none, as a process of its own: not a child that anybody waits for, and with
nothing of the job's but its user. How to reach Redis goes to it through a pipe, where no list of processes shows it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from ..redis import keys, same_server
from ..redis.link import Pipeline, Redis
from . import limits, liveness, process
from .arming import arm, host
from .interrupt import NotNow

#: What stands for a reader until it says who it is.
STARTING = b"starting"
#: The process whose readers end with it: its number, and when it was born. The demo's; a bench's reader outlives all.
_tied_to: tuple[int, int] | None = None
#: Those that this process has started: one that went stays a zombie until it is asked after.
_started: list[subprocess.Popen[bytes]] = []


def tie_to(pid: int) -> None:
    """The readers that this process starts from now on, and those that its children start, end when `pid` does."""
    global _tied_to
    birth = process.born(pid)
    _tied_to = None if birth is None else (pid, birth)


def announce(pipeline: Pipeline, job_id: str, not_now: NotNow | None = None, worker: str | None = None) -> bool:
    """Before a job, in the process that runs it: four commands at most, the last one as of `ask_whether_wanted`.

    `worker`: who runs it (`Job.worker_name`); when it is killed, that can then be seen (`liveness`).

    False: nothing was put on the pipeline, as its stacks cannot be read. `not_now`: see `interrupt.begin`.
    """
    armed = arm(job_id, not_now)
    if armed is None:
        return False
    pipeline.hset(keys.ARMED, job_id, armed.text())
    pipeline.expire(keys.ARMED, limits.ARMED_TTL_S)
    if worker:
        liveness.note(pipeline, worker, job_id)
    ask_whether_wanted(pipeline)
    return True


def withdraw(pipeline: Pipeline, job_id: str) -> None:
    """After the job. What was last seen of it is for those that did not get so far."""
    pipeline.hdel(keys.ARMED, job_id)
    pipeline.delete(keys.last_seen(job_id))


def ask_whether_wanted(pipeline: Pipeline) -> None:
    """Answers True when this host has no reader: the caller is to start it, nobody else will for a while."""
    pipeline.set(keys.stack_reader(host()), "starting", nx=True, ex=int(limits.READER_ALIVE_S))


def start(redis: Redis, queue_prefix: str | None = None, folder: str | None = None) -> None:
    """Does not wait for it. `queue_prefix`, `folder`: of the bench that it sweeps for, where known (`duty_thread`)."""
    _started[:] = [child for child in _started if child.poll() is None]
    # The bench is for people, who see it in the list of processes.
    command = [sys.executable, "-m", "job_console.engine.host.reader", *([queue_prefix] if queue_prefix else [])]
    reader = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_environment(),
        start_new_session=True,
    )
    if reader.stdin is not None:
        with reader.stdin as pipe:
            settings = {"queue_prefix": queue_prefix, "folder": folder, "tied_to": _tied_to}
            pipe.write(json.dumps({**same_server.describe(redis), **settings}).encode())
    _started.append(reader)


def end(redis: Redis) -> None:
    """The reader of this host goes now, and none comes for some seconds. Waits until it is gone."""
    key, deadline = keys.stack_reader(host()), monotonic() + limits.READER_ENDS_S
    holder: Any = redis.get(key)
    while holder == STARTING and monotonic() < deadline:  # it has not told its number yet
        sleep(0.05)
        holder = redis.get(key)
    redis.set(key, "ended", ex=int(limits.READER_ALIVE_S))
    pid = pid_of(holder)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    while process.lives(pid) and monotonic() < deadline:
        sleep(0.05)


def pid_of(holder: bytes | None) -> int | None:
    """The process that the entry of a reader of this host names; None when it is not there any more."""
    try:
        pid = int((holder or b"").split()[0])
        # One that has ended and was not waited for has no command line.
        return pid if b"job_console.engine.host.reader" in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (OSError, ValueError, IndexError):
        return None


def _environment() -> dict[str, str]:
    """It needs this package and its libraries, wherever this process has them from; none of the job's own variables."""
    return {"PYTHONPATH": ":".join(path for path in sys.path if path), "LC_ALL": "C.UTF-8"}
