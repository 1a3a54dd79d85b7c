"""A worker of the bench that runs what waits in a lane, and notes what each job took. In the bench's `sites` folder.

Arguments: lane, file for the notes, `with` or `without` (Job Console) or `loaded` (its code, but not its hooks) or
`unheard` (without what a job prints), the Redis URL; then what bench's own command line would say, because apps look at
it: `worker`. As in `bench worker`, the commands of all apps are loaded, and each job is run in a horse of its own.
Notes are lines of JSON: seconds, processor seconds and round trips inside the horse.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import frappe
import redis
from frappe.utils import bench_helper
from redis.connection import Connection
from rq import Queue, Worker

_round_trips = 0
_send = Connection.send_packed_command


def _count(self: Connection, *args: Any, **kwargs: Any) -> Any:
    global _round_trips
    _round_trips += 1
    return _send(self, *args, **kwargs)


class Noting(Worker):
    notes: Path

    def perform_job(self, job: Any, queue: Any) -> bool:
        round_trips, start, cpu = _round_trips, time.perf_counter(), time.process_time()
        done = super().perform_job(job, queue)
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        note = {"s": took, "cpu_s": cpu, "trips": _round_trips - round_trips, "ok": done}
        with self.notes.open("a") as file:
            file.write(json.dumps(note) + "\n")
        return done


def without_job_console(get_hooks: Any) -> Any:
    """Frappe's hooks as they are on a bench without this app."""

    def filtered(hook: Any = None, *args: Any, **kwargs: Any) -> Any:
        found = get_hooks(hook, *args, **kwargs)
        return [each for each in found if not each.startswith("job_console.")] if hook in _OURS else found

    return filtered


def leave_the_log_off() -> None:
    """As `"job_console_log": 0` does."""
    from job_console.runtime.run import log

    log.begin = log.end = lambda run, batch: None


_OURS = ("before_job", "after_job")


def main(lane: str, notes: str, which: str, url: str, _command: str) -> None:
    Connection.send_packed_command = _count
    if which in ("without", "loaded"):
        frappe.get_hooks = without_job_console(frappe.get_hooks)
    for app in frappe.get_all_apps(with_internal_apps=False, sites_path="."):
        if which != "without" or app != "job_console":
            bench_helper.get_app_commands(app)
    if which == "unheard":
        leave_the_log_off()
    connection = redis.Redis.from_url(url)
    Noting.notes = Path(notes)
    Noting([Queue(lane, connection=connection)], connection=connection).work(burst=True, logging_level="ERROR")


if __name__ == "__main__":
    main(*sys.argv[1:])
