from frappe.model.document import Document


class MovedSchedule(Document):
    """A schedule that people have given another time than its app declares: see bridge/schedule/moved.py."""
