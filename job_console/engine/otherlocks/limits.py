"""Locks that are not ours."""

from __future__ import annotations

#: When Frappe takes no more notice of a document's lock, and when its form offers to unlock (`frappe.model.document`).
DOCUMENT_LOCK_S = 3 * 3_600.0
DOCUMENT_LOCK_SOFT_S = 30 * 60.0
