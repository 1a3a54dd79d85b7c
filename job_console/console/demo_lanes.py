"""Fills the demo's lanes: enqueues jobs as Frappe does, in waves, never more than a screen or two."""

from __future__ import annotations

import itertools
import logging
import math
import random
import threading
import time
import uuid
from typing import Any

import redis
from rq import Queue
from rq.job import Job

from .demo_jobs import DOCUMENT, LOCKED, PAYMENT, SCHEDULED, WORK

log = logging.getLogger("job_console")

BENCH = "demo-bench"
SITES = {
    "acme.example": ("ops@acme.example", "mia@acme.example", "Administrator"),
    "globex.example": ("joe@globex.example", "Administrator"),
    "initech.example": ("bill@initech.example", "Administrator"),
}
WRAPPER = "job_console.console.demo_jobs.execute_job"
#: As in Frappe: results are kept 10 minutes, failures 7 days.
RESULT_TTL_S = 600
FAILURE_TTL_S = 7 * 24 * 3600

FEED_EVERY_S = 0.35
#: How deep a lane gets at the top of a wave, and how long a wave is.
DEPTH = {"short": 6, "default": 16, "long": 3}
WAVE_S = 75.0
#: How often two jobs come that want the same lock.
LOCKED_EVERY_S = 25.0

_number = itertools.count(random.randrange(100, 900))


def lane_name(lane: str) -> str:
    return f"{BENCH}:{lane}"


def enqueue(
    client: redis.Redis,
    method: str,
    *,
    site: str | None = None,
    lane: str | None = None,
    scheduled: bool = False,
    **options: Any,
) -> Job:
    """Like `frappe.enqueue`: one wrapper for every method, ids that begin with the site. `scheduled`: by a schedule."""
    site = site or random.choice(list(SITES))
    job_id = f"{site}||{options.pop('job_id', None) or uuid.uuid4()}"
    return queue(client, lane or WORK[method].lane).enqueue_call(
        WRAPPER,
        kwargs=wrapped(method, site, scheduled),
        timeout=WORK[method].timeout,
        result_ttl=RESULT_TTL_S,
        failure_ttl=FAILURE_TTL_S,
        job_id=job_id,
        **options,
    )


def queue(client: redis.Redis, lane: str) -> Queue:
    return Queue(lane_name(lane), connection=client)


def wrapped(method: str, site: str, scheduled: bool = False) -> dict[str, Any]:
    """The keyword arguments of Frappe's wrapper for one call of `method`."""
    called, arguments = _scheduled(method) if scheduled else _call(method)
    return {
        "site": site,
        "user": "Administrator" if scheduled else random.choice(SITES[site]),
        "method": called,
        "event": None,
        "job_name": None,
        "is_async": True,
        "kwargs": arguments,
    }


def _scheduled(method: str) -> tuple[str, dict[str, Any]]:
    return SCHEDULED, {"job_type": method, "scheduled_job_type": method.removeprefix("shop.")}


def _call(method: str) -> tuple[str, dict[str, Any]]:
    number = next(_number)
    invoice = {"doctype": "Sales Invoice", "name": f"ACC-SINV-2026-{number:05}"}
    if method == "Sales Invoice.submit":
        return DOCUMENT, {**invoice, "doc_method": "submit"}
    if method == "shop.mail.send_email":
        login = {"host": "smtp.example.com", "user": "mailer", "password": "correct horse"}
        return method, {**invoice, "recipients": [f"customer{number}@example.com"], "server": login}
    if method == "shop.stock.sync_stock":
        return method, {"doctype": "Item", "name": f"WIDGET-{number % 20}", "warehouse": "Stores"}
    if method == PAYMENT:
        return method, {"doctype": "Payment Entry", "name": f"ACC-PAY-2026-{number:05}", "amount": number * 1.5}
    return method, {"company": "Acme Ltd", "from_date": "2026-01-01", "batch": number}


class Feeder(threading.Thread):
    """Keeps every lane at a depth that rises and falls."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__(name="demo-feeder", daemon=True)
        self._client = client
        self._stopped = threading.Event()
        self._locked_at = time.monotonic()

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def run(self) -> None:
        while not self._stopped.wait(FEED_EVERY_S):
            self._feed()

    def _feed(self) -> None:
        wave = 0.5 + 0.5 * math.sin(time.monotonic() / WAVE_S * math.tau)
        try:
            for lane, depth in DEPTH.items():
                if queue_depth(self._client, lane) < 1 + wave * depth:
                    enqueue(self._client, random.choice(_METHODS[lane]))
            if time.monotonic() - self._locked_at > LOCKED_EVERY_S:
                self._locked_at = time.monotonic()
                for lane in ("short", "default"):  # each has a worker that takes it first
                    enqueue(self._client, LOCKED, site="acme.example", lane=lane, at_front=True)
        except redis.RedisError:
            log.exception("The demo's server does not take jobs")


def queue_depth(client: redis.Redis, lane: str) -> int:
    return int(client.llen(f"rq:queue:{lane_name(lane)}"))


_METHODS = {
    "short": ["shop.mail.send_email", "shop.mail.send_email", "shop.search.update_index"],
    "default": [
        "shop.stock.sync_stock",
        "shop.accounts.recompute_balance",
        "Sales Invoice.submit",
    ],
    "long": ["shop.exports.export_ledger"],
}
