"""The bench's queue Redis, and the one engine of this process."""

from functools import cache
from pathlib import Path

import frappe
from frappe.utils import background_jobs, cint, get_bench_id, get_bench_path
from frappe.utils.background_jobs import get_redis_conn

from job_console.engine.link import Redis, connect
from job_console.engine.otherlocks import BenchFolder
from job_console.engine.service import Engine


def engine() -> Engine:
    """Shared by the requests of this process, whichever site they are for."""
    return _engine(get_bench_id(), frappe.conf.redis_queue or "")


@cache
def _engine(bench_id: str, url: str) -> Engine:
    # Queues are named BENCH:short; benches that share a Redis must not see each other's.
    engine = Engine(_redis(url), queue_prefix=f"{bench_id}:")
    engine.watch.wall = queue_wall
    engine.folder = BenchFolder(Path(get_bench_path()))
    return engine


def queue_wall() -> int | None:
    """How deep a lane may be before `frappe.enqueue` refuses, as `_check_queue_size` reckons; 15 has no such wall."""
    most = getattr(background_jobs, "MAX_QUEUED_JOBS", None)
    if most is None:
        return None
    return (cint(frappe.conf.max_queued_jobs) or most) + 50 * background_jobs._site_count()


def _redis(url: str) -> Redis:
    """A pool of our own: Frappe's connection retries for seconds when Redis is down, and a page must say so at once.

    Sentinel set-ups are Frappe's to know.
    """
    if frappe.conf.redis_queue_sentinel_enabled:
        return get_redis_conn()
    credentials = {}
    if frappe.conf.use_rq_auth:
        credentials = {
            "username": frappe.conf.rq_username or get_bench_id(),
            "password": frappe.conf.rq_password,
        }
    return connect(url, **credentials)
