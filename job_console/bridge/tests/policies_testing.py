"""What tests with policies share."""

import frappe
from frappe.model.document import Document

from job_console.bridge.connection import engine
from job_console.bridge.policies import policies
from job_console.bridge.tests.testing import SiteTestCase
from job_console.engine.models.policy_match import PolicySet

ADD = "job_console.bridge.tests.testing.add"


def make_declared(says: dict, changed: dict) -> str:
    """A Job Policy for `ADD` as if code declared what it `says`, and a person had `changed` some of it."""
    forget_declared()
    origin = {"source": "Code", "declared": frappe.as_json(says)}
    doc = frappe.get_doc({"doctype": "Job Policy", "method": ADD, **says, **origin, **changed}).insert()
    frappe.db.commit()
    return doc.name


def forget_declared() -> None:
    frappe.db.delete("Job Policy", {"method": ADD})
    frappe.db.commit()
    policies.publish()


class PolicyTestCase(SiteTestCase):
    """Policies that a test makes are deleted again, also from Redis."""

    def setUp(self) -> None:
        super().setUp()
        self.before = frappe.get_all("Job Policy", pluck="name")
        self.addCleanup(self.forget)

    def forget(self) -> None:
        frappe.db.rollback()
        frappe.set_user("Administrator")
        frappe.db.delete("Job Policy", {"name": ["not in", ["", *self.before]]})
        frappe.db.commit()
        policies.publish()

    def make(self, **said) -> Document:
        if not {"method", "pattern", "scheduled_job_type"} & said.keys():
            said["method"] = ADD
        doc = frappe.get_doc({"doctype": "Job Policy", **said}).insert()
        frappe.db.commit()
        return doc

    def published(self) -> PolicySet:
        engine().policies.forget(frappe.local.site)
        return engine().policies.of(frappe.local.site)
