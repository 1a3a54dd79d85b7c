"""Shows the user who started a job how far it has come, by the means that Frappe has for it.

Newer versions have Background Tasks: their progress is in the desk's sidebar. Else there is
`frappe.publish_progress`, a dialog that stands in the way and comes back when it is closed: only who asks for it gets
it.
"""

from time import monotonic
from typing import Any

import frappe

from job_console.engine.models.progress import Progress

#: Seconds between two updates of the dialog.
EVERY_S = 1.0


class UserNotice:
    """What was last published for the user of one run."""

    def __init__(self) -> None:
        self._percent = -1
        self._due = float("-inf")

    def show(self, progress: Progress, to_user: bool) -> None:
        if progress.fraction is None:
            return
        percent, now = int(progress.fraction * 100), monotonic()
        if percent == self._percent or (now < self._due and percent < 100):
            return
        self._percent, self._due = percent, now + EVERY_S
        publish(percent, progress.text, to_user)


def publish(percent: int, text: str, to_user: bool) -> None:
    task = background_task()
    if task is not None:
        task.publish_progress(percent, stage=text or None)
    elif to_user:
        frappe.publish_progress(percent, description=text)


def background_task() -> Any:
    """The Background Task that this job is, in versions that have them."""
    current = getattr(frappe, "get_current_task", None)
    return current() if current else None
