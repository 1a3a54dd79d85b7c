"""Ends a run that somebody asked to stop with the status `stopped`, as RQ's own stop command does, and not `failed`."""

from __future__ import annotations

from typing import Any

from rq.job import JobStatus

#: RQ's `Job`, of the run that this process is in: `rq.get_current_job()`.
RunningJob = Any


def end_as_stopped(job: RunningJob) -> None:
    """When this run ends with an exception, RQ writes `stopped` and calls `on_stopped`, not `on_failure`.

    The job is in the failed registry then, like those that RQ itself stopped.
    """
    set_status, callback = job.set_status, job.stopped_callback

    def stopped_not_failed(status: JobStatus, pipeline: Any = None) -> None:
        set_status(JobStatus.STOPPED if status == JobStatus.FAILED else status, pipeline)

    # On the object in memory, which only the end of this run uses.
    job.set_status = stopped_not_failed
    job._failure_callback = (lambda job, connection, *_error: callback(job, connection)) if callback else None
