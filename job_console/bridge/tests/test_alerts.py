"""The people whom a policy names are told of its jobs' failures: in the desk or by mail, not more often than said."""

from unittest.mock import patch

import frappe

from job_console.bridge.connection import engine
from job_console.bridge.sweep import alerts, notification_log
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.bridge.tests.testing import CLERK, MANAGER
from job_console.engine.models.policies import Policy
from job_console.engine.redis import keys
from job_console.engine.watch.alerts import Alert

FAIL = "job_console.bridge.tests.testing.fail"


class TestAlerts(PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.forget_alerts()
        self.addCleanup(self.forget_alerts)
        self.tell()  # from now on

    def forget_alerts(self) -> None:
        frappe.db.rollback()  # a worker may have written since this connection first read
        frappe.db.delete("Notification Log", {"document_type": "Job Policy"})
        frappe.db.commit()
        for key in (*self.redis.scan_iter(keys.own("alerted", "*")), keys.own("alerts_seen", frappe.local.site)):
            self.redis.delete(key)

    def tell(self) -> None:
        frappe.db.commit()
        alerts.notify(engine(), engine().watch.look_twice(5))

    def fails(self) -> str:
        job_id = self.enqueue(FAIL, iban="DE0299")
        self.work()
        return job_id

    def reported(self) -> list[tuple[str, str]]:
        rows = frappe.get_all("Notification Log", {"document_type": "Job Policy"}, ["for_user", "subject"])
        return sorted((row.for_user, row.subject) for row in rows)

    def not_notified(self) -> list[str]:
        title = "Job Console could not tell everybody of its alerts"
        return frappe.get_all("Error Log", {"method": title}, pluck="name")

    def test_users_and_roles_hear_of_a_failure_once_within_the_pause(self) -> None:
        self.make(method=FAIL, alert_to=f"{CLERK}\nSystem Manager", alert_failed=1)
        self.tell()
        self.fails()
        self.tell()
        heard = dict(self.reported())
        self.assertIn(CLERK, heard)
        self.assertIn(MANAGER, heard)
        self.assertIn(f"{FAIL} failed. ValueError: this one fails, on purpose", heard[CLERK])
        before = len(self.reported())
        self.fails()
        self.tell()
        self.assertEqual(len(self.reported()), before)

    def test_without_a_pause_each_failure_is_reported_once(self) -> None:
        self.make(method=FAIL, alert_to=CLERK, alert_failed=1, alert_cooldown=0)
        self.tell()
        for times in (1, 2):
            self.fails()
            self.tell()
            self.tell()
            self.assertEqual(len(self.reported()), times)

    def test_an_address_gets_a_mail_with_a_link(self) -> None:
        self.make(method=FAIL, alert_to="ops@example.com", alert_gave_up=1)
        self.tell()
        job_id = self.fails()
        with patch("frappe.sendmail") as sent:
            self.tell()
        (call,) = sent.call_args_list
        self.assertEqual(call.kwargs["recipients"], ["ops@example.com"])
        self.assertIn(f"{FAIL} will not be tried again", call.kwargs["subject"])
        self.assertIn(frappe.utils.quote(job_id), call.kwargs["message"])

    def test_a_mail_that_cannot_be_sent_keeps_nobody_else_from_hearing(self) -> None:
        self.make(method=FAIL, alert_to=f"ops@example.com\n{CLERK}", alert_failed=1, alert_gave_up=1)
        self.tell()
        self.fails()
        before = set(self.not_notified())
        with patch("frappe.sendmail", side_effect=frappe.OutgoingEmailError("There is no account")):
            self.tell()
        frappe.db.rollback()
        self.assertEqual([user for user, _subject in self.reported()], [CLERK])
        (name,) = set(self.not_notified()) - before
        said = frappe.db.get_value("Error Log", name, "error")
        self.assertIn(f"{FAIL}, ops@example.com: OutgoingEmailError: There is no account", said)

    def test_who_was_notified_of_the_incident_is_not_notified_of_its_warning_too(self) -> None:
        fields = {"severity": "Critical", "message": "It hangs", "open_cause": "one", "cause": "one", "status": "Open"}
        now = frappe.utils.now_datetime()
        incident = frappe.get_doc({"doctype": "Job Incident", "opened": now, "last_seen": now, **fields})
        incident.insert(ignore_permissions=True)
        self.addCleanup(frappe.db.delete, "Notification Log", {"document_name": incident.name})
        self.addCleanup(frappe.delete_doc, "Job Incident", incident.name, force=True, ignore_permissions=True)
        notification_log.notify(MANAGER, incident.message, incident.doctype, incident.name)
        hangs = Alert(Policy("Hangs", "method", FAIL), "warning", "It hangs", cause="one")
        alerts._notify(hangs, [MANAGER, CLERK], hangs.text)
        self.assertEqual([user for user, _subject in self.reported()], [CLERK])

    def test_the_past_and_other_sites_are_not_reported(self) -> None:
        self.fails()
        self.make(method=FAIL, alert_to=CLERK, alert_failed=1)
        self.tell()
        self.enqueue_elsewhere(FAIL)
        self.work()
        self.tell()
        self.assertEqual(self.reported(), [])

    def test_who_is_nobody_is_refused(self) -> None:
        with self.assertRaisesRegex(frappe.ValidationError, "is no user, role or address"):
            self.make(method=FAIL, alert_to="Nobody At All", alert_failed=1)
