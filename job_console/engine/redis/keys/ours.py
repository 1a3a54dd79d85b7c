"""Job Console's own keys, but those of failures (`of_failures`) and of locks (`of_locks`)."""

from __future__ import annotations

import hashlib

from .prefix import OURS, own

AUDIT = OURS + "audit"
#: Jobs by the time of the last thing that was done to them: leads into the trail.
AUDIT_JOBS = AUDIT + ":jobs"
HOOK_FAILURES = OURS + "hook_failures"

#: Versions of the sites' published policies, and the last ticket to publish some.
POLICIES = OURS + "policies"
POLICIES_TICKET = OURS + "policies_ticket"

#: Sites by the time at which they last published their schedule.
SCHEDULES = OURS + "schedules"
#: What each host's lock says of the scheduler's process, by site and host: see `schedule.scheduler_liveness`.
SCHEDULER_PROCESSES = OURS + "scheduler_processes"

#: Jobs that were refused as duplicates, in their order; and how many were, in favour of each job.
REFUSED = OURS + "refused"
REFUSED_ORDER = REFUSED + ":order"
IN_FAVOUR_PREFIX = OURS + "in_favour:"

#: Processes that run jobs and let their stacks be read, by job: a hash. See `stacks`.
ARMED = OURS + "armed"

#: Queues, workers and methods that somebody holds for a while; and the workers that obey that: see `operate`.
HOLDS = OURS + "holds"
OBEDIENT = OURS + "obedient"

#: What jobs have printed, and which of that ends when: see `output`.
LOG_PREFIX = OURS + "log:"
LOGS = OURS + "logs"

#: Bulk actions by their beginning.
BULKS = OURS + "bulks"


def statistics(period: str, start: int) -> str:
    """`period` is minute, hour or day; `start` its first second."""
    return own("stats", period, str(start))


def statistics_of(period: str, start: int, site: str) -> str:
    """The same of one site by itself: minute or hour."""
    return own("stats", period, str(start), site)


def totals(period: str, start: int) -> str:
    """All methods together, by site: a hash for a minute or an hour."""
    return own("totals", period, str(start))


def history(period: str, start: int) -> str:
    """An hour or a day that is over, all sites together: a hash of packed rows. See `archive`."""
    return own("history", period, str(start))


def history_of_sites(period: str, start: int) -> str:
    """The totals of each site in an hour or a day that is over: a hash, by site."""
    return own("history_sites", period, str(start))


def gauges(queue_prefix: str, hour: int) -> str:
    """What a bench looked like in each minute of the hour that begins there: a hash."""
    return own("gauges", queue_prefix.rstrip(":") or "all", str(hour))


def marks(queue_prefix: str, site: str | None = None) -> str:
    """What was changed on a bench, or on one site of it, by its time: a sorted set. See `marks`."""
    return own("marks", queue_prefix.rstrip(":") or "all", *filter(None, (site,)))


def marks_of_workers(queue_prefix: str) -> str:
    """Workers that were started and stopped, which comes more often than all else."""
    return own("marks_workers", queue_prefix.rstrip(":") or "all")


def marks_seen(queue_prefix: str) -> str:
    """What was seen last, to be compared with what is seen next: a hash, of the bench "" and of each site."""
    return own("marks_seen", queue_prefix.rstrip(":") or "all")


def pictures(queue_prefix: str, hour: int) -> str:
    """What a bench looked like, every ten seconds of the hour that begins there: a hash. See `past`."""
    return own("pictures", queue_prefix.rstrip(":") or "all", str(hour))


def pictures_kept(queue_prefix: str, day: int) -> str:
    """For which ten seconds of the day that begins there is a picture: a string of bits."""
    return own("pictures_kept", queue_prefix.rstrip(":") or "all", str(day))


def pictures_sizes(queue_prefix: str) -> str:
    """How many bytes the pictures of each hour take: a hash."""
    return own("pictures_sizes", queue_prefix.rstrip(":") or "all")


def ran(site: str, start: int) -> str:
    """Which methods of a site ended in the hour that begins at `start`, and how often."""
    return own("ran", site, str(start))


def well(site: str, start: int) -> str:
    """When which methods of a site last ended well in the hour that begins at `start`."""
    return own("well", site, str(start))


def policies(site: str) -> str:
    return f"{POLICIES}:{site}"


def schedule(site: str) -> str:
    return own("schedule", site)


def schedule_runs(site: str) -> str:
    """How the last runs of each of a site's schedules ended."""
    return own("schedule_runs", site)


def owed(site: str) -> str:
    """How many more runs each of a site's schedules is to have."""
    return own("owed", site)


def tickers(site: str) -> str:
    """The processes that tick for a site's schedule."""
    return own("tickers", site)


def unique(site: str, key: str) -> str:
    return own("unique", site, key)


def sweep(queue_prefix: str) -> str:
    """What sweeps of these queues leave to each other: see `sweep`. Benches that share a Redis have one each."""
    return own("sweep", queue_prefix.rstrip(":") or "all")


def silences(queue_prefix: str) -> str:
    """Warnings that somebody silenced: a hash, by site and the warning's id."""
    return own("silences", queue_prefix)


def snapshots(queue_prefix: str) -> str:
    """The newest snapshot of each site, as its viewers get it: a hash. See `shared_snapshots`."""
    return own("snapshots", queue_prefix.rstrip(":") or "all")


def viewed(queue_prefix: str, site: str) -> str:
    """There while somebody views a bench as this site sees it."""
    return f"{snapshots(queue_prefix)}:viewed:{site}"


def notifier(queue_prefix: str, site: str) -> str:
    """Which process notifies those viewers of changes."""
    return f"{snapshots(queue_prefix)}:notifier:{site}"


def looking(queue_prefix: str, site: str) -> str:
    """There while one process looks for all viewers of a site."""
    return f"{snapshots(queue_prefix)}:looking:{site}"


def sweep_lease(queue_prefix: str, duty: str) -> str:
    return f"{sweep(queue_prefix)}:lease:{duty}"


def progress(job_id: str) -> str:
    """How far a job has come: a hash."""
    return own("progress", job_id)


def log(job_id: str) -> str:
    """What a job has printed and logged: a hash."""
    return LOG_PREFIX + job_id


def asked(job_id: str) -> str:
    """What is asked of a job's present run: a hash."""
    return own("asked", job_id)


def stack_reader(host: str) -> str:
    """Which process of a host reads its jobs' stacks."""
    return own("stack_reader", host)


def stack_questions(host: str) -> str:
    """A list that the host's reader takes its questions from."""
    return own("stack_questions", host)


def stack_answer(question: str) -> str:
    """A list of one answer."""
    return own("stack_answer", question)


def process(worker: str) -> str:
    """The process that ran a worker's last job, and its parent: one of the two is the worker. See `liveness`."""
    return own("process", worker)


def process_ended(worker: str) -> str:
    """What its host found of a worker that is not there any more. lua/transition_steps.lua makes the same name."""
    return own("process_ended", worker)


def measured(worker: str) -> str:
    """What its host has measured of a worker: its memory, and the way to Redis."""
    return own("measured", worker)


def last_seen(job_id: str) -> str:
    """Where a job's process was last seen, and how large: what is left when it is killed."""
    return own("last_seen", job_id)


def held_jobs(method: str) -> str:
    """The jobs that a paused method keeps."""
    return own("held_jobs", method)


def stop_sent(worker: str) -> str:
    """There while a worker that was asked to stop has not had the time to obey."""
    return own("stop_sent", worker)


def bulk(bulk_id: str) -> str:
    """What somebody does to all jobs of a query, and how far that is: a hash."""
    return own("bulk", bulk_id)


def bulk_todo(bulk_id: str) -> str:
    """The jobs that it is still to be done to, in their order."""
    return own("bulk", bulk_id, "todo")


def bulk_undo(bulk_id: str) -> str:
    """The jobs that it was done to, where that can be undone."""
    return own("bulk", bulk_id, "undo")


def bulk_kinds(bulk_id: str) -> str:
    """How many ended how."""
    return own("bulk", bulk_id, "kinds")


def bulk_lease(bulk_id: str) -> str:
    return own("bulk", bulk_id, "lease")


def saved_views(queue_prefix: str, site: str) -> str:
    """Views of Jobs that people have saved, as this site sees jobs: a hash. `site` "": as the whole bench does."""
    return own("saved_views", queue_prefix.rstrip(":") or "all", *filter(None, (site,)))


#: The field of an incident log that counts how often it was written: it changes the bench's fingerprint.
INCIDENTS_CHANGED = "changed"


def incident_log(queue_prefix: str) -> str:
    """Incidents of a whole bench, as the operator console writes them down: a hash."""
    return own("incident_log", queue_prefix.rstrip(":") or "all")


def jobs_of_person(site: str, user: str) -> str:
    """The jobs that a user of a site has started, by the time until which they are shown. See `own_jobs`."""
    return own("jobs_of_person", site, user)


def jobs_of_document(site: str, doctype: str, name: str) -> str:
    """The same of the jobs that work on a document."""
    return own("jobs_of_document", site, hashlib.sha1(f"{doctype}\0{name}".encode(), usedforsecurity=False).hexdigest())


def own_jobs_asked(site: str, user: str) -> str:
    """How often a user has asked for jobs of their own in this minute."""
    return own("own_jobs_asked", site, user)
