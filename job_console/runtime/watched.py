"""While a job runs, its stack can be read from outside (`engine.stacks`): armed before it, taken back after it.

`"job_console_stacks": 0` in the site's or the bench's configuration leaves it off.
"""

import frappe
from rq.job import Job

from job_console.engine.stacks import serving

from .trip import Trip


def arm(job: Job, trip: Trip) -> None:
    """Three commands on the trip; the first job of a host starts its reader."""
    on = frappe.utils.cint(frappe.conf.get("job_console_stacks", 1))
    if on and serving.announce(trip.pipeline, job.id):
        trip.then(lambda wanted: wanted and serving.start(job.connection))


def disarm(job: Job, trip: Trip) -> None:
    serving.withdraw(trip.pipeline, job.id)
