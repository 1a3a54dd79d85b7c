"""Finds out whether the caller runs while a document is saved, submitted, deleted, …"""

import sys
from types import FrameType

from frappe.model.document import Document
from frappe.utils import CallbackManager

#: Events before the document is written.
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
#: Events after it is written, and perhaps before the commit.
AFTER = frozenset(
    (
        *("after_insert", "on_update", "on_change", "on_discard", "on_submit", "on_cancel"),
        *("on_update_after_submit", "after_delete", "after_rename"),
    )
)


def lifecycle_event() -> str | None:
    """The innermost event that the caller runs in; None: there is none. A job that started now would not find the
    document, or only its old version.

    It is read from the call stack, as nothing else covers controllers, hooks and Server Scripts. Code that runs after a
    commit is in no event, wherever that commit was made.
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
