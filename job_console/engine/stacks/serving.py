"""Starts, finds and ends the reader process of this host (`host.reader`).

The first job that finds none starts it, as a process of its own in a new session, with nothing of the job's but its
user. How to reach Redis is passed through a pipe, so that no list of processes shows a password.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from ..redis import keys, same_server
from ..redis.link import Pipeline, Redis
from . import limits, liveness, process
from .arming import arm, host
from .interrupt import NotNow

#: The value of the reader's key until the reader has written its own.
STARTING = b"starting"
#: What stands there for a while after one was ended on purpose.
ENDED = b"ended"
#: The process whose readers end with it: its number, and when it was born. The demo's; a bench's reader outlives all.
_tied_to: tuple[int, int] | None = None
#: Readers that this process has started, to be polled: one that has ended is a zombie until then.
_started: list[subprocess.Popen[bytes]] = []


def tie_to(pid: int) -> None:
    """From now on, readers that this process or its children start end together with the process `pid`."""
    global _tied_to
    birth = process.born(pid)
    _tied_to = None if birth is None else (pid, birth)


def announce(pipeline: Pipeline, job_id: str, not_now: NotNow | None = None, worker: str | None = None) -> bool:
    """Before a job, in the process that runs it: arm the process and publish it. Puts at most four commands on the
    pipeline, the last one as `ask_whether_wanted` does.

    `worker`: `Job.worker_name`, so that its death can be noticed (`liveness`); `not_now`: see `interrupt.begin`. False:
    nothing was put on the pipeline, as the stacks of this process cannot be read.
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
    """After the job: delete what was published of it, also its last sample, which only a killed job leaves behind."""
    pipeline.hdel(keys.ARMED, job_id)
    pipeline.delete(keys.last_seen(job_id))


def ask_whether_wanted(pipeline: Pipeline) -> None:
    """Ask whether this host lacks a reader. When the answer is true, the caller has to start it; nobody else will for a
    while.
    """
    pipeline.set(keys.stack_reader(host()), "starting", nx=True, ex=int(limits.READER_ALIVE_S))


def start(redis: Redis, queue_prefix: str | None = None, folder: str | None = None) -> None:
    """Start the reader, without waiting for it. `queue_prefix`, `folder`: of the bench for which it also does duties,
    where known (`duty_thread`).
    """
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
    """End the reader of this host, and keep another one from starting for some seconds. Waits until it is gone."""
    key, deadline = keys.stack_reader(host()), monotonic() + limits.READER_ENDS_S
    holder: Any = redis.get(key)
    while holder == STARTING and monotonic() < deadline:  # it has not told its number yet
        sleep(0.05)
        holder = redis.get(key)
    redis.set(key, ENDED, ex=int(limits.READER_ALIVE_S))
    pid = pid_of(holder)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    while process.lives(pid) and monotonic() < deadline:
        sleep(0.05)


def pid_of(holder: bytes | None) -> int | None:
    """The pid in the key of this host's reader. None: that process is not alive any more."""
    try:
        pid = int((holder or b"").split()[0])
        # One that has ended and was not waited for has no command line.
        return pid if b"job_console.engine.host.reader" in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (OSError, ValueError, IndexError):
        return None


def entry_of(name: str, queue_prefixes: Iterable[str]) -> str:
    """What stands for a reader: who it is, and which benches it looks after."""
    return f"{name} {json.dumps(sorted(queue_prefixes))}"


def benches_of(holder: bytes | None) -> list[str]:
    """The queue prefixes of the benches that the reader of this entry looks after."""
    try:
        said = json.loads((holder or b"").split(b" ", 2)[2])
        return [str(each) for each in said] if isinstance(said, list) else []
    except (ValueError, IndexError):
        return []


def _environment() -> dict[str, str]:
    """The environment of the reader: the import path of this process, and none of the job's own variables."""
    return {"PYTHONPATH": ":".join(path for path in sys.path if path), "LC_ALL": "C.UTF-8"}
