"""RQ's keys, which we read: the names of rq 1.15 to 2.7.

They are `Queue.redis_queue_namespace_prefix`, `Job.redis_job_namespace_prefix`, the registries' `key_template`s,
`IntermediateQueue` and `Result.get_key`.
"""

from __future__ import annotations

QUEUES = "rq:queues"
WORKERS = "rq:workers"
SUSPENDED = "rq:suspended"
#: Where the package rq-scheduler keeps what it is to enqueue: its records have no status yet.
RQ_SCHEDULER = "rq:scheduler:scheduled_jobs"

QUEUE_PREFIX = "rq:queue:"
JOB_PREFIX = "rq:job:"
WORKER_PREFIX = "rq:worker:"

#: Registry name in RQ's keys for each status that has one. `started` differs in member format, see `members`.
REGISTRIES = {
    "started": "wip",
    "finished": "finished",
    "failed": "failed",
    "deferred": "deferred",
    "scheduled": "scheduled",
    "canceled": "canceled",
}


def queue(name: str) -> str:
    return QUEUE_PREFIX + name


def intermediate(name: str) -> str:
    return f"{QUEUE_PREFIX}{name}:intermediate"


def registry(status: str, queue_name: str) -> str:
    return f"rq:{REGISTRIES[status]}:{queue_name}"


def job(job_id: str) -> str:
    return JOB_PREFIX + job_id


def results(job_id: str) -> str:
    return f"rq:results:{job_id}"


def executions(job_id: str) -> str:
    return f"rq:executions:{job_id}"


def dependents(job_id: str) -> str:
    return f"{JOB_PREFIX}{job_id}:dependents"


def dependencies(job_id: str) -> str:
    """RQ 1 and 2 write it with two colons: `Job.dependencies_key`."""
    return f"{JOB_PREFIX}:{job_id}:dependencies"


def workers_of(queue_name: str) -> str:
    """Set of the workers that listen on a queue; like the set of all, it may list the dead."""
    return f"{WORKERS}:{queue_name}"


def worker(name: str) -> str:
    return WORKER_PREFIX + name


def commands(worker: str) -> str:
    """The channel on which it hears `shutdown`, `stop-job` and `kill-horse`."""
    return f"rq:pubsub:{worker}"


def scheduler_lock(queue_name: str) -> str:
    """Held by the worker whose RQ scheduler moves this queue's scheduled jobs."""
    return f"rq:scheduler-lock:{queue_name}"


def members(member: str) -> tuple[str, str | None]:
    """Split a member of a `wip` registry into (job id, execution id).

    rq 1.x writes the bare job id, rq 2.x `JOB:EXECUTION` with a 32-digit hex execution and no colon in JOB.
    Frappe 15 ids contain colons (`SITE::ID`), so a colon alone proves nothing.
    """
    head, colon, tail = member.rpartition(":")
    if colon and ":" not in head and len(tail) == 32 and all(c in "0123456789abcdef" for c in tail):
        return head, tail
    return member, None
