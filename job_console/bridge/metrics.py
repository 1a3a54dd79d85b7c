"""Metrics for Prometheus, of the site that is asked: what its managers may see, as numbers."""

import hmac
from collections import Counter
from collections.abc import Mapping
from functools import cache

import frappe

from job_console.bridge import live
from job_console.bridge.access import is_manager
from job_console.bridge.connection import engine
from job_console.bridge.sweep.incidents import INCIDENT
from job_console.engine.metrics import Exporter, Readings, SiteReader
from job_console.engine.service import Engine

#: In site_config.json. Without it guests are refused.
TOKEN = "job_console_metrics_token"  # noqa: S105  the name of one
#: A scraper that can send headers keeps its token out of the logs of web servers.
HEADER = "X-Job-Console-Token"
#: What could be guessed opens nothing.
_TOKEN_CHARS = 16


def may_scrape(token: str = "") -> bool:
    """A manager, or whoever sends the site's token, as this or in the header."""
    return is_manager() or _is_the_sites(token or _header(HEADER))


def _is_the_sites(given: str) -> bool:
    """Takes equally long for every wrong one."""
    token = str(frappe.conf.get(TOKEN) or "")
    same = hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))
    return same and len(token) >= _TOKEN_CHARS


def exposition() -> tuple[bytes, str]:
    """What to answer, and its content type. Raises BadRequest where prometheus_client is missing."""
    return Exporter(engine(), _read).answer(_header("Accept"))


def _header(name: str) -> str:
    request = getattr(frappe.local, "request", None)
    return (request.headers.get(name) if request else None) or ""


def _read() -> Readings:
    """Raises RedisUnavailable."""
    return _reader(engine()).read(live.shared_snapshot(), frappe.local.site, _open_incidents)


@cache
def _reader(engine: Engine) -> SiteReader:
    return SiteReader(engine)


def _open_incidents() -> Mapping[str, int]:
    rows = frappe.get_all(INCIDENT, filters={"status": ("!=", "Resolved")}, pluck="severity", limit_page_length=0)
    return Counter(severity.lower() for severity in rows)
