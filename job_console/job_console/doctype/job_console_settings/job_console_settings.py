from frappe.model.document import Document


class JobConsoleSettings(Document):
    """Choices of a site's System Managers. Who may read it also gets change events: see bridge/realtime.py."""
