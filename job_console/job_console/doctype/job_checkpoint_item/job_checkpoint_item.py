from frappe.model.document import Document


class JobCheckpointItem(Document):
    """One item that failed: its position in the loop's source, and why."""
