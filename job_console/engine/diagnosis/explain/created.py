"""Why a record that was made is in no queue yet: RQ's `created`, and records without any state."""

from __future__ import annotations

from ...wording import duration, iso
from .case import Case, Explanation, Reason

#: `unknown`: the record holds no state (`records.job`). rq 2.4.1 and later write `created`.
STATUSES = ("created", "unknown")


def explain(case: Case) -> Explanation:
    said = "created" if case.job.status == "created" else "nothing of a state"
    due = case.detail.scheduler_due_at
    if due is not None:
        seconds = (due - case.now).total_seconds()
        when = f"is to do so in {duration(seconds)}" if seconds > 0 else f"was to do so {duration(-seconds)} ago"
        text = f"rq-scheduler {when}, where it runs: Frappe does not start it."
        return Explanation((Reason(f"It has not been enqueued yet. {text}", {"due_at": iso(due)}),))
    made = case.ago(case.job.created_at)
    return Explanation(
        (
            Reason(f"It was made{made}, and has not been enqueued: its record says {said}."),
            Reason("It runs when whoever made it puts it in a queue; nothing else will."),
        )
    )
