"""What changes on a site from outside of its jobs: its apps, its configuration, its policies, a migration. A duty of
the sweep, and a hook of `bench migrate`, write it down as marks.
"""

import logging
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

import frappe

from job_console.bridge.connection import engine
from job_console.bridge.policies.form import DOCTYPE as POLICY
from job_console.engine.redis.link import reaching_redis, server_time
from job_console.engine.service import Engine
from job_console.engine.watch import marks_duty
from job_console.engine.watch.watch import Look

log = logging.getLogger("job_console")
DUTY = "marks"
EVERY_S = 60.0
#: What of the site's configuration decides how its jobs run. Numbers and switches are told, of others only their names.
CONFIGURATION = (
    "workers",
    "background_workers",
    "max_queued_jobs",
    "scheduler_tick_interval",
    "rq_job_failure_ttl",
    "rq_results_ttl",
    "rq_failed_jobs_limit",
    "redis_queue",
    "db_host",
)
_VERSION = re.compile(r"""^__version__\s*=\s*["']([^"'\n]{1,40})["']""", re.MULTILINE)
_HEAD = 64_000


def look_at(engine: Engine, look: Look) -> None:
    """The duty: one query, and the head of one small file for each app."""
    marks_duty.mark_site(engine, frappe.local.site, facts(), look.bench.at.timestamp(), migrated=False)


def after_migrate() -> None:
    """The hook. A migration never fails by it."""
    try:
        at = _server_time()
        marks_duty.mark_site(engine(), frappe.local.site, facts(), at, migrated=True)
    except Exception:  # Redis is away, or whatever else: its site is migrated
        log.warning("It is not marked in charts that %s was migrated.", frappe.local.site, exc_info=True)


def _server_time() -> float:
    """All marks are by the clock of the Redis server."""
    with reaching_redis():
        return server_time(engine().redis.time()).timestamp()


def facts() -> Mapping[str, Mapping[str, str]]:
    """By name what tells one state from another."""
    return {
        "apps": {app: version(app) for app in frappe.get_installed_apps()},
        "configuration": {name: _told(frappe.conf.get(name)) for name in CONFIGURATION if name in frappe.conf},
        "policies": {
            row.name: str(row.modified)
            for row in frappe.get_all(POLICY, fields=["name", "modified"], limit_page_length=0)
        },
    }


def version(app: str) -> str:
    """As its files say now, not as this process has imported them: processes are restarted one after the other, and
    would not agree. "?": they do not say."""
    try:
        with (Path(frappe.get_app_path(app)) / "__init__.py").open(encoding="utf-8", errors="replace") as file:
            found = _VERSION.search(file.read(_HEAD))
    except (OSError, ImportError):  # its folder is gone, and the site still names it
        return "?"
    return found.group(1) if found else "?"


def _told(value: object) -> str:
    """Of what is secret or long a digest, which is not told: see `mark_changes`."""
    if isinstance(value, (bool, int, float)):
        return str(value)
    return "#" + blake2b(repr(value).encode(), digest_size=6).hexdigest()
