"""Our own keys of what failed: its record, its groups, what is tried again and what is held."""

from __future__ import annotations

import hashlib

from .prefix import OURS, own

#: Our record of failures: an index of methods, each of one site, by their newest one, and a list for each.
FAILURES = OURS + "failures"

#: How far each lane's failures have been gone through: see `failures.index`.
FAILED_WALK = OURS + "failed_walk"
#: Groups of failures that are tried again, one first, by when to look after them.
CANARIES = OURS + "canaries"
#: Those of them that go on.
CANARIES_ON = CANARIES + ":on"

#: Jobs that are to be tried again, by when they are due.
RETRIES = OURS + "retries"

#: Methods whose retries are held, because they fail every time: see lua/circuit_held.lua, which names it too.
CIRCUITS = OURS + "circuits"


def failing(site: str | None, method: str) -> str:
    """A method of a site, in the index of failures."""
    return f"{site or ''}:{method}"


def failures(failing: str) -> str:
    # lua/record_run.lua makes the same name for those that it forgets.
    return f"{FAILURES}:{hashlib.sha1(failing.encode(), usedforsecurity=False).hexdigest()}"


def failed_jobs(queue_name: str) -> str:
    """What is known of each failed job of a lane: JSON, by its id."""
    return own("failed_jobs", queue_name)


def failed_groups(queue_name: str) -> str:
    """The groups of a lane's failures: JSON, by their site and fingerprint."""
    return own("failed_groups", queue_name)


def failed_of(queue_name: str, group: str) -> str:
    """A lane's failed jobs of one group, by when they failed."""
    return own("failed_of", queue_name, group)


def canary(name: str) -> str:
    return own("canary", name)


def canary_left(name: str) -> str:
    """Jobs that a canary retry has not released."""
    return own("canary", name, "left")


def canary_out(name: str) -> str:
    """Those that it has, and that have not ended: which run had failed, and when they were released."""
    return own("canary", name, "out")


def hidden_failure(job_id: str) -> str:
    """Why a run failed of which RQ says that it finished."""
    return own("hidden_failure", job_id)


def tries(job_id: str) -> str:
    """What is remembered of a job's attempts: JSON. lua/retry_due.lua makes the same name."""
    return own("tries", job_id)


def dead(queue_name: str) -> str:
    """Jobs of a lane that are out of attempts, by when that was."""
    return own("dead", queue_name)


def circuit_failed(name: str) -> str:
    """Jobs of a method that failed since one ended well."""
    return own("circuit_failed", name)


def circuit_held(name: str) -> str:
    """Retries that an open circuit keeps waiting. lua/circuit_held.lua makes the same name."""
    return own("circuit_held", name)
