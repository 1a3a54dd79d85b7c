"""Whether a document is being saved, submitted, deleted, … around the caller."""

import sys
from types import FrameType

from frappe.model.document import Document
from frappe.utils import CallbackManager

#: A document that runs one of these is not written yet, and will be.
BEFORE = frozenset(
    (
        *("before_naming", "autoname", "before_validate", "validate", "before_insert", "before_save", "before_submit"),
        *(
            "before_cancel",
            "before_change",
            "before_discard",
            "before_update_after_submit",
            "before_rename",
            "on_trash",
        ),
    )
)
#: Of these it is written, and perhaps not committed.
AFTER = frozenset(
    (
        *("after_insert", "on_update", "on_change", "on_discard", "on_submit", "on_cancel"),
        *("on_update_after_submit", "after_delete", "after_rename"),
    )
)


def lifecycle_event() -> str | None:
    """The innermost one that the caller runs in: a job that starts now would not find the document, or the old one.

    Read from the frames: nothing else knows it for controllers, hooks and Server Scripts alike. What is called after a
    commit runs in none, wherever that commit was made.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is CallbackManager.run.__code__:
            return None
        if frame.f_code is Document.run_method.__code__:
            event = frame.f_locals.get("method")
            if event in BEFORE or event in AFTER:
                return event
        frame = frame.f_back
    return None
