"""Why a record that was made is in no queue yet: RQ's `created`, and records without any state."""

from __future__ import annotations

from ...messages import _, joined
from ...wording import duration, iso
from .case import Case, Explanation, Reason

#: `unknown`: the record holds no state (`records.job`). rq 2.4.1 and later write `created`.
STATUSES = ("created", "unknown")


def explain(case: Case) -> Explanation:
    due = case.detail.scheduler_due_at
    if due is not None:
        seconds = (due - case.now).total_seconds()
        if seconds > 0:
            when = _("rq-scheduler is to do so in {duration}, where it runs: Frappe does not start it.")
        else:
            when = _("rq-scheduler was to do so {duration} ago, where it runs: Frappe does not start it.")
        text = joined((_("It has not been enqueued yet."), when.format(duration=duration(abs(seconds)))))
        return Explanation((Reason(text, {"due_at": iso(due)}),))
    made = case.ago(case.job.created_at)
    return Explanation(
        (
            Reason(
                (
                    _("It was made {made}, and has not been enqueued: its record says created.")
                    if case.job.status == "created"
                    else _("It was made {made}, and has not been enqueued: its record says nothing of a state.")
                ).format(made=made)
            ),
            Reason(_("It runs when whoever made it puts it in a queue; nothing else will.")),
        )
    )
