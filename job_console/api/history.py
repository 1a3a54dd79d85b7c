"""How this site's jobs ran over time."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers
from job_console.bridge.sweep.job_metrics import SiteArchive


@frappe.whitelist()
@for_managers
def metrics_history(
    last: str = "24h",
    until: str | None = None,
    by: str = "method",
    queue: str | None = None,
    method: str | None = None,
) -> dict[str, Any]:
    """This site's runs, failures, times and costs over a range that ends at `until` (now): a value for each point."""
    return console().history.read(last, until, by, queue=queue, method=method, kept=SiteArchive())


@frappe.whitelist()
@for_managers
def moment(at: str | None = None) -> dict[str, Any]:
    """The bench as it was at a moment of the last week (now, if it is not said), and when there are pictures of it."""
    return console().past.moment(at)


@frappe.whitelist()
@for_managers
def weekly_report(until: str | None = None) -> dict[str, Any]:
    """This site's last seven whole days before `until` (now), beside the seven before them, and what to change."""
    return console().history.report(until, kept=SiteArchive())


@frappe.whitelist()
@for_managers
def what_if(
    workers: str = "", move: str = "", schedule: str = "", keep: str = "", jobs: int = 90, strategy: str = "default"
) -> dict[str, Any]:
    """How long jobs of each queue of the bench wait, and would with other workers, queues or schedules."""
    return console().simulation.what_if(workers, move, schedule, keep, jobs, strategy)
