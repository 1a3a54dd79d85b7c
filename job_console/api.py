"""The desk's API. Each function checks the role, asks the engine, returns JSON; the answers' shapes are in docs/api.md.

No `from __future__ import annotations` here: Frappe enforces the annotations of whitelisted functions, and skips text.
"""

from typing import Any

import frappe

from job_console.bridge import live, tasks
from job_console.bridge.access import console, for_managers
from job_console.bridge.policies import policies
from job_console.bridge.schedule import actions
from job_console.bridge.statements import statements
from job_console.bridge.sweep import incidents


@frappe.whitelist()
@for_managers
def snapshot(since: str | None = None) -> dict[str, Any]:
    """The whole bench now: lanes, workers, warnings. Other sites' jobs are counted, never named. `since`: a look that
    is not older than this, as the event said."""
    return live.snapshot(since)


@frappe.whitelist()
@for_managers
def warnings() -> dict[str, Any]:
    return console().warnings.all()


@frappe.whitelist(methods=["POST"])
@for_managers
def pulse() -> dict[str, Any]:
    """How many incidents are open. Whoever asks keeps the site's incidents up to date: once in a while it sweeps."""
    return incidents.pulse()


@frappe.whitelist()
@for_managers
def open_incidents() -> dict[str, Any]:
    """This site's open incidents, and those that ended on the last day."""
    return {"incidents": incidents.open_incidents()}


@frappe.whitelist(methods=["POST"])
@for_managers
def acknowledge(incident: str) -> dict[str, Any]:
    """Say that somebody looks after it."""
    frappe.get_doc("Job Incident", incident).acknowledge()
    return {"incidents": incidents.open_incidents()}


@frappe.whitelist()
@for_managers
def jobs(
    queue: str | None = None,
    status: str | None = None,
    method: str | None = None,
    user: str | None = None,
    text: str | None = None,
    q: str | None = None,
    page: int = 1,
    size: int = 20,
    sort: str | None = None,
    at: str | None = None,
) -> dict[str, Any]:
    """A page of this site's jobs; `q` asks in the query language, `method` is a glob or a part of the name."""
    which = {"queue": queue, "status": status, "method": method, "user": user, "text": text, "q": q}
    return console().jobs.page(**which, page=page, size=size, sort=sort, at=at)


@frappe.whitelist()
@for_managers
def search(
    text: str | None = None,
    method: str | None = None,
    user: str | None = None,
    queue: str | None = None,
    status: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """One slice of a search over all jobs; call again with the answer's cursor until it is null."""
    return console().jobs.search(text=text, method=method, user=user, queue=queue, status=status, q=q, cursor=cursor)


@frappe.whitelist()
@for_managers
def complete_query(q: str = "", cursor: int | None = None) -> dict[str, Any]:
    """What may stand where the cursor is in a query, and what is wrong with it, and where."""
    return console().jobs.complete(q, cursor)


@frappe.whitelist()
@for_managers
def waiting(queue: str | None = None) -> dict[str, Any]:
    """Of what the waiting jobs are made: by method and user, from a bounded sample."""
    return console().jobs.waiting(queue)


@frappe.whitelist()
@for_managers
def failures(
    queue: str | None = None, method: str | None = None, order: str = "count", page: int = 1, size: int = 50
) -> dict[str, Any]:
    """This site's failures by their cause, all of them counted; and which groups are being retried."""
    return console().failures.groups(queue=queue, method=method, order=order, page=page, size=size)


@frappe.whitelist()
@for_managers
def failure_jobs(group: str, queue: str | None = None, page: int = 1, size: int = 20) -> dict[str, Any]:
    """A page of one group's jobs, those that failed last first."""
    return console().failures.jobs(group, queue=queue, page=page, size=size)


@frappe.whitelist(methods=["POST"])
@for_managers
def retry_group(
    group: str,
    canary: bool = True,
    rate: float = 60.0,
    stop_at: int = 3,
    reason: str = "",
    queue: str | None = None,
) -> dict[str, Any]:
    """Retry a group of failures: one first and then so many a minute (`canary`), or all at once."""
    return console().failures.retry(group, canary, rate, stop_at, reason, queue=queue)


@frappe.whitelist(methods=["POST"])
@for_managers
def cancel_canary(canary: str, reason: str = "") -> dict[str, Any]:
    """End a group's retry: what was not released stays failed."""
    return console().failures.cancel_canary(canary, reason)


@frappe.whitelist()
@for_managers
def show(job_id: str) -> dict[str, Any]:
    """One job with its runs, timeline, arguments and traceback."""
    return console().jobs.show(job_id)


@frappe.whitelist()
@for_managers
def explain(job_id: str) -> dict[str, Any]:
    """Why a job waits, runs, failed or is stuck, in words; the most immediate cause first."""
    return console().jobs.explain(job_id)


@frappe.whitelist()
@for_managers
def where(job_id: str) -> dict[str, Any]:
    """Where a running job is: its Python stack, what its process does, and in words what that means."""
    return statements.where(job_id)


@frappe.whitelist(methods=["POST"])
@for_managers
def act(
    action: str,
    job_ids: str | list[Any] | None = None,
    reason: str = "",
    to: str | None = None,
    queue: str | None = None,
    started_at: str | None = None,
) -> dict[str, Any]:
    """Do `action` to each job (a list, or its JSON), or to each schedule whose runs have this id; one outcome each."""
    ids = [str(job_id) for job_id in frappe.parse_json(job_ids)] if job_ids else []
    if action in actions.ACTS:
        return actions.act(action, ids, reason)
    run = console().actions.run
    return tasks.act(action, ids, lambda: run(action, ids, reason=reason, to=to, queue=queue, started_at=started_at))


@frappe.whitelist(methods=["POST"])
@for_managers
def start_bulk(action: str, q: str, reason: str = "", to: str | None = None) -> dict[str, Any]:
    """Begin to do `action` to all jobs that match a query; `step_bulk` does it, a second of work at a time."""
    return console().bulks.start(action, q, reason, to)


@frappe.whitelist(methods=["POST"])
@for_managers
def step_bulk(bulk: str) -> dict[str, Any]:
    """Go on with a bulk action for a second. One that nobody goes on with, the sweep does."""
    return console().bulks.go_on(bulk)


@frappe.whitelist(methods=["POST"])
@for_managers
def cancel_bulk(bulk: str) -> dict[str, Any]:
    """End a bulk action: what is done is done, the rest is left."""
    return console().bulks.cancel(bulk)


@frappe.whitelist(methods=["POST"])
@for_managers
def undo_bulk(bulk: str) -> dict[str, Any]:
    """Begin to undo what a bulk action did and has not started since, by another one."""
    return console().bulks.undo(bulk)


@frappe.whitelist()
@for_managers
def bulks() -> dict[str, Any]:
    """This site's bulk actions of the last day, the newest first."""
    return console().bulks.all()


@frappe.whitelist()
@for_managers
def schedule() -> dict[str, Any]:
    """This site's schedules: what runs when, in words; the next runs, and how the last ones really ended."""
    return console().schedules.all()


@frappe.whitelist()
@for_managers
def schedule_preview(cron: str) -> dict[str, Any]:
    """What a cron expression says, its next ten runs, and what is wrong with it, and where."""
    return console().schedules.preview(cron)


@frappe.whitelist()
@for_managers
def schedule_day() -> dict[str, Any]:
    """The next 24 hours of the lanes, foreseen: who runs when on which worker, and where too much comes together."""
    return console().schedules.day()


@frappe.whitelist()
@for_managers
def schedule_quieter() -> dict[str, Any]:
    """Quieter minutes for this site's schedules, and the difference that they would make. Changes nothing."""
    return console().schedules.quieter()


@frappe.whitelist(methods=["POST"])
@for_managers
def move_schedules(moves: str | list[Any], reason: str = "") -> dict[str, Any]:
    """Give schedules other times: `moves` is a list (or its JSON) of `{"record", "cron"}`; one outcome each."""
    return actions.move(frappe.parse_json(moves), reason)


@frappe.whitelist(methods=["POST"])
@for_managers
def retry_edited(job_id: str, changes: str | dict[str, Any], reason: str = "") -> dict[str, Any]:
    """Enqueue a job that ended anew, as a new job, with some arguments changed: {name: value}, or its JSON."""
    return console().actions.retry_edited(job_id, frappe.parse_json(changes), reason)


@frappe.whitelist(methods=["POST"])
@for_managers
def mend(dry_run: bool = False, code: str | None = None) -> dict[str, Any]:
    """Do what is safe about every warning of this site and of the bench, or those of a code; with `dry_run` only say
    what."""
    return console().warnings.mend(dry_run=dry_run, code=code)


@frappe.whitelist(methods=["POST"])
@for_managers
def remedy(warning: str, action: str, reason: str = "") -> dict[str, Any]:
    """Do a remedy of a warning, named by its id, to all jobs that it is about."""
    done = console().warnings.remedy(warning, action, reason)
    tasks.follow(action, done["results"])
    return done


@frappe.whitelist(methods=["POST"])
@for_managers
def silence_warning(
    warning: str, how: str = "acknowledge", seconds: float | None = None, reason: str = ""
) -> dict[str, Any]:
    """`acknowledge`, `snooze`, `mute` or `unmute` a warning, named by its id; for so many seconds at most."""
    return console().warnings.silence(warning, how, seconds, reason)


@frappe.whitelist(methods=["POST"])
@for_managers
def operate(
    action: str, target: str = "", seconds: float | None = None, reason: str = "", to: str | None = None
) -> dict[str, Any]:
    """Pause and resume a queue or a method, suspend the bench, quiet or stop a worker, move what waits: see docs."""
    return console().operations.run(action, target, seconds, reason, to)


@frappe.whitelist()
@for_managers
def drain() -> dict[str, Any]:
    """What still runs, and when it is safe to deploy."""
    return console().operations.drain()


@frappe.whitelist()
@for_managers
def about_warning(code: str) -> dict[str, Any]:
    """What a warning of this code means: what is true, how it is known, what to do."""
    return console().warnings.about(code)


@frappe.whitelist()
@for_managers
def audit(page: int = 1, size: int = 50) -> dict[str, Any]:
    """What people did to this site's jobs, newest first."""
    return console().actions.audit(page=page, size=size)


@frappe.whitelist()
@for_managers
def locks(idle: bool = False) -> dict[str, Any]:
    """Locks of this site and of the bench that are in use, who waits for whom, and deadlocks."""
    return console().locks.all(idle=frappe.utils.cint(idle) == 1)


@frappe.whitelist()
@for_managers
def lock(key: str) -> dict[str, Any]:
    return console().locks.show(key)


@frappe.whitelist(methods=["POST"])
@for_managers
def release_lock(key: str, reason: str, fence: int | None = None) -> dict[str, Any]:
    """Take a lock from its holders, or from the one of this fence: what they have not committed is rolled back."""
    return console().locks.release(key, reason, fence)


@frappe.whitelist(methods=["POST"])
@for_managers
def extend_lock(key: str, seconds: float, reason: str = "", fence: int | None = None) -> dict[str, Any]:
    """Give the holders of a lock, or the one of this fence, more time."""
    return console().locks.extend(key, seconds, reason, fence)


@frappe.whitelist()
@for_managers
def lanes() -> dict[str, Any]:
    """How long a job of each lane of this bench may run, in seconds."""
    return policies.lane_limits()


@frappe.whitelist()
@for_managers
def try_policy(policy: str | dict[str, Any]) -> dict[str, Any]:
    """Which jobs of this site's last day a Job Policy would have been for, as its form stands."""
    return policies.tried(frappe.parse_json(policy))


@frappe.whitelist()
@for_managers
def check_policy(policy: str | dict[str, Any]) -> list[Any]:
    """What is wrong with a Job Policy as its form stands: all of it, each at its field."""
    return policies.mistakes(frappe.parse_json(policy))


@frappe.whitelist()
@for_managers
def seen_methods() -> list[Any]:
    """Names for a policy: the methods of this site's jobs of the last day."""
    return console().policies.seen_methods()


@frappe.whitelist()
@for_managers
def early_jobs() -> dict[str, Any]:
    """This site's jobs of the last day that were enqueued before what they are about was committed, by method."""
    return console().policies.early_jobs()


@frappe.whitelist()
@for_managers
def draft_policy(job_id: str) -> dict[str, Any]:
    """The fields of a new Job Policy for the jobs of this one's method, from what was observed."""
    return policies.drafted(job_id)


@frappe.whitelist(methods=["POST"])
@for_managers
def record_repeat(job_id: str, answer: str) -> str:
    """Write down whether this job's method may run twice: `Safe` or `Unsafe`. Returns its policy's name."""
    return policies.record_repeat(job_id, answer)


@frappe.whitelist(methods=["POST"])
@for_managers
def reset_policy(name: str) -> None:
    """Back to what the code declares, in all fields of a Job Policy."""
    frappe.get_doc("Job Policy", name).reset_to_code()
