from frappe.model.document import Document


class JobConsoleSettings(Document):
    """Choices of a site's System Managers. Reading it is also the right to hear of changes: see bridge/realtime.py."""
