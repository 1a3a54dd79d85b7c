"""The bench's queue Redis, and the one engine of this process."""

import os
from functools import cache
from pathlib import Path

import frappe
from frappe.utils import background_jobs, cint, get_bench_id, get_bench_path

from job_console.engine.otherlocks import BenchFolder
from job_console.engine.redis.server import of_bench
from job_console.engine.service import Engine


def engine() -> Engine:
    """The engine, shared by all requests of this process, for whatever site."""
    return _engine(_bench_id(), frappe.conf.redis_queue or "")


def queue_prefix() -> str:
    """The prefix of this bench's queues (`BENCH:short`); benches that share a Redis must not see each other's."""
    return f"{_bench_id()}:"


def _bench_id() -> str:
    return frappe.conf.get("bench_id") or _id_of_path()


@cache
def _id_of_path() -> str:
    """The bench's id, cached: Frappe resolves the path each time, which would add 0.1 ms to each job that is
    enqueued.
    """
    return get_bench_id()


@cache
def _engine(bench_id: str, url: str) -> Engine:
    server = of_bench({**frappe.conf, "redis_queue": url}, os.environ, bench_id)
    # A pool of our own: Frappe's connection retries for seconds when Redis is down, and a page has to show that at
    # once.
    engine = Engine(server.connect(), queue_prefix=queue_prefix())
    engine.watch.enqueue_limit = enqueue_limit
    engine.folder = BenchFolder(Path(get_bench_path()))
    engine.names = {"server": str(server), "bench": bench_id, "bench_server": None}
    return engine


def enqueue_limit() -> int | None:
    """How deep a lane may be before `frappe.enqueue` refuses, as `_check_queue_size` reckons; 15 has no such limit."""
    most = getattr(background_jobs, "MAX_QUEUED_JOBS", None)
    if most is None:
        return None
    return (cint(frappe.conf.max_queued_jobs) or most) + 50 * background_jobs._site_count()
