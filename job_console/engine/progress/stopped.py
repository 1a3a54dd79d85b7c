"""A run that ends because somebody asked it to: stopped, as one that RQ's own command has stopped, and not failed."""

from __future__ import annotations

from typing import Any

from rq.job import JobStatus

#: RQ's `Job`, of the run that this process is in: `rq.get_current_job()`.
RunningJob = Any


def end_as_stopped(job: RunningJob) -> None:
    """When this run ends by an exception, its job is `stopped`; its callback for that is called, not that for failures.

    It stands among the failed ones then, as those do that RQ stopped.
    """
    set_status, callback = job.set_status, job.stopped_callback

    def stopped_not_failed(status: JobStatus, pipeline: Any = None) -> None:
        set_status(JobStatus.STOPPED if status == JobStatus.FAILED else status, pipeline)

    # On the object, which the end of this run alone uses.
    job.set_status = stopped_not_failed
    job._failure_callback = (lambda job, connection, *_error: callback(job, connection)) if callback else None
