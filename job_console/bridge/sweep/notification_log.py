"""A notification in somebody's desk: from the app, whoever's request, job or tick has found what it tells.

Not by a background job: the workers may be what is broken.
"""

import frappe
from frappe.utils import escape_html

LOG = "Notification Log"
#: No user is the app. This one is nobody's colleague, and the text says who speaks.
_FROM = "Administrator"


def notify(user: str, text: str, doctype: str, name: str, again: bool = False) -> None:
    """`again`: what this person was told of the same document goes: of one cause there is one notification."""
    if again:
        frappe.db.delete(LOG, {"for_user": user, "document_type": doctype, "document_name": name, "type": "Alert"})
    log = frappe.get_doc(
        {
            "doctype": LOG,
            "type": "Alert",
            "for_user": user,
            "from_user": _FROM,
            "subject": f"<b>Job Console</b>: {escape_html(text)}",
            "document_type": doctype,
            "document_name": name,
        }
    ).insert(ignore_permissions=True)
    # Frappe makes whoever is logged in its owner.
    frappe.db.set_value(LOG, log.name, {"owner": _FROM, "modified_by": _FROM}, update_modified=False)


def notified(doctype: str, name: str) -> set[str]:
    """Who has been told of this document."""
    return set(
        frappe.get_all(LOG, {"document_type": doctype, "document_name": name, "type": "Alert"}, pluck="for_user")
    )
