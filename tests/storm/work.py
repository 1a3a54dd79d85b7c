"""What the benches' jobs do, with the hooks that a horse of Frappe has around them; each run is written into a file."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rq import get_current_job

from job_console.engine.host import duty_thread
from job_console.engine.redis.link import pipelined
from job_console.engine.stacks import process, serving

STORMY = f"{__name__}.stormy"
METHOD = "shop.work"


@dataclass(frozen=True)
class Ledger:
    """Outlives Redis: one line for each beginning and each end of a run, in their order."""

    path: Path

    def write(self, word: str, job_id: str) -> None:
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(fd, f"{word} {job_id} {os.getpid()}\n".encode())
        finally:
            os.close(fd)

    def lives(self, job_id: str) -> bool:
        """Whether the process of its last run goes on."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        last = next((line.split(" ") for line in reversed(lines) if f" {job_id} " in line), None)
        return last is not None and last[0] == "begins" and process.lives(int(last[2]))

    def runs(self) -> tuple[dict[str, int], dict[str, int]]:
        """How often each job began, and how often it did its work to the end."""
        began: dict[str, int] = {}
        ended: dict[str, int] = {}
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        for line in lines:
            word, job_id, _pid = line.split(" ")
            counted = began if word == "begins" else ended
            counted[job_id] = counted.get(job_id, 0) + 1
        return began, ended


def stormy(kwargs: dict[str, Any], **_wrapper: Any) -> str:
    """As `runtime.run` does it around Frappe's `execute_job`."""
    job = get_current_job()
    pipeline = pipelined(job.connection)
    serving.announce(pipeline, job.id, worker=job.worker_name)
    if pipeline.execute()[-1]:
        serving.start(job.connection, kwargs["prefix"], kwargs["folder"])
    try:
        return work(job.id, **kwargs)
    finally:
        pipeline = pipelined(job.connection)
        serving.withdraw(pipeline, job.id)
        duty_thread.ask(pipeline)
        duty_thread.see_to(job.connection, pipeline.execute()[-1], kwargs["prefix"], kwargs["folder"])


def work(job_id: str, seconds: float, ledger: str, fails: bool = False, **_where: Any) -> str:
    book = Ledger(Path(ledger))
    book.write("begins", job_id)
    time.sleep(seconds)
    book.write("ends", job_id)
    if fails:
        raise ValueError("on purpose")
    return "done"
