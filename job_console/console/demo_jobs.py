"""The work of the demo's workers: jobs shaped like Frappe's, that sleep, succeed, fail or die as real ones do."""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rq import get_current_job

from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who

from . import demo_steps

log = logging.getLogger("shop")
log.setLevel(logging.INFO)
log.propagate = False
log.addHandler(logging.NullHandler())
SCHEDULED = "frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job"
DOCUMENT = "frappe.utils.background_jobs.run_doc_method"


class OutOfStock(Exception):
    pass


class MailServerDown(Exception):
    pass


class GatewayDown(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Work:
    """How a method behaves: how long it takes, and how often which error ends it."""

    lane: str
    seconds: tuple[float, float]
    fails: float = 0.0
    error: type[Exception] = RuntimeError
    #: `{name}`: the document that it is about.
    message: str = ""
    timeout: int = 300
    #: How many items it goes over, and what it calls that.
    items: int = 0
    doing: str = ""
    #: The lock that it holds while it works: one of each site.
    lock: str = ""


WORK: Mapping[str, Work] = {
    "shop.mail.send_email": Work(
        "short", (0.2, 1.5), 0.07, MailServerDown, "smtp.example.com: connection reset after DATA"
    ),
    "shop.search.update_index": Work("short", (0.1, 0.6)),
    "shop.stock.sync_stock": Work(
        "default", (0.8, 4.0), 0.15, OutOfStock, "Item {name}: -3 in Stores, and negative stock is not allowed"
    ),
    "shop.accounts.recompute_balance": Work("default", (0.5, 2.5)),
    "shop.accounts.close_ledger": Work("default", (6.0, 10.0), lock="ledger:Acme Ltd"),
    "shop.payments.capture": Work("default", (0.2, 0.8)),
    "Sales Invoice.submit": Work("default", (1.0, 3.0), 0.06, KeyError, "debit_to"),
    "shop.tasks.pull_email": Work("default", (1.0, 2.0)),
    "shop.exports.export_ledger": Work("long", (20.0, 45.0), timeout=1500, items=80_000, doing="exporting entries"),
    "shop.reports.monthly_aging": Work("long", (100.0, 100.0), timeout=600),
    "shop.imports.import_bank_statement": Work("long", (0.5, 0.5), timeout=1500),
}

#: Fails as long as the payment gateway is down: see `demo_history`.
PAYMENT, OUTAGE = "shop.payments.capture", "JOB_CONSOLE_DEMO_OUTAGE"
#: Takes nearly all of its time.
AGING = "shop.reports.monthly_aging"
#: Two of them are there at the same time, and one waits for the other.
LOCKED = "shop.accounts.close_ledger"
#: Runs until the machine's memory ends: takes its worker along.
FATAL = "shop.imports.import_bank_statement"


def execute_job(
    site: str,
    method: str,
    event: str | None = None,
    job_name: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    user: str | None = None,
    is_async: bool = True,
) -> str:
    """Takes what Frappe's wrapper of the same name takes."""
    arguments = dict(kwargs or {})
    if method == SCHEDULED:
        method = arguments["job_type"]
    elif method == DOCUMENT:
        method = f"{arguments['doctype']}.{arguments['doc_method']}"
    if method == PAYMENT and os.environ.get(OUTAGE):
        raise GatewayDown(f"gateway.example: 503 for {arguments['name']}, try again later")
    work = WORK[method]
    if not work.lock:
        return _perform(method, work, arguments)
    with _lock(work, site, method, user):
        return _perform(method, work, arguments)


def _lock(work: Work, site: str, method: str, user: str | None) -> Lock:
    """As `job_console.lock` takes it in a bench."""
    job = get_current_job()
    if job is None:
        raise RuntimeError("Only a worker's job takes a lock.")
    who = Who(job.id, method, job.worker_name, socket.gethostname(), os.getpid(), user=user, site=site)
    return Lock(job.connection, f"{site}|{work.lock}", LockOptions(ttl_s=60.0, wait_s=120.0), who)


def _perform(method: str, work: Work, arguments: Mapping[str, Any]) -> str:
    seconds = random.uniform(*work.seconds)
    log.info("%s begins", method)
    if work.items:
        demo_steps.perform(work.items, seconds, work.doing)
    else:
        time.sleep(seconds)
    if method == FATAL:
        # What the kernel does when the machine is out of memory: no handler runs, nothing is reported.
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    if random.random() < work.fails:
        problem = work.message.format(name=arguments.get("name", "WIDGET-7"))
        log.warning("it cannot go on: %s", problem)
        raise work.error(problem)
    log.info("done in %.1f s", seconds)
    return f"{method}: done"
