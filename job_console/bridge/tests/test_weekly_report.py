"""The weekly mail: off until switched on, once in each week, to the people whom the settings name."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest.mock import patch

import frappe
from frappe.utils import add_days, getdate

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.sweep import job_metrics, weekly_report
from job_console.bridge.tests.testing import CLERK, MANAGER, SiteTestCase
from job_console.engine.history.archive import DAY_S

SETTINGS, METRIC, METHOD = "Job Console Settings", "Job Metric", "shop.tests.<b>sync"
TITLE = "Job Console could not mail its weekly report"


class TestWeeklyReport(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.lane = f"{engine().watch.queue_prefix}short"
        today = int(datetime.now(timezone.utc).timestamp()) // DAY_S * DAY_S
        days = [today - number * DAY_S for number in (1, 2)]
        self.names = [job_metrics._name("day", day) for day in days]
        #: What this site had counted on these days.
        self.before = frappe.get_all(METRIC, {"name": ("in", self.names)}, ["*"])
        self.addCleanup(self.tidy)
        for day in days:  # as the sweep puts away a day that is over
            job_metrics._write("day", day, {METHOD: {self.lane: {"k": 40, "f": 20, "s": 90_000}}}, {})
        self.settings(weekly_report=0, weekly_report_to="", weekly_report_sent="")

    def tidy(self) -> None:
        frappe.db.rollback()
        had = {row.name: row for row in self.before}
        for name in self.names:
            if name in had:
                frappe.db.set_value(METRIC, name, had[name], update_modified=False)
            else:
                frappe.db.delete(METRIC, {"name": name})
        frappe.db.delete("Singles", {"doctype": SETTINGS, "field": ("like", "weekly_report%")})
        frappe.db.delete("Error Log", {"method": TITLE})
        frappe.db.commit()

    def settings(self, **values: object) -> None:
        for name, value in values.items():
            frappe.db.set_single_value(SETTINGS, name, value)
        frappe.db.commit()

    def send(self, mails: Any = None) -> Any:
        with patch("frappe.sendmail", side_effect=mails) as sent:
            weekly_report.send(engine(), engine().watch.look())
        return sent

    def speak(self, language: str) -> None:
        frappe.db.set_value("User", MANAGER, "language", language)
        frappe.db.commit()
        frappe.clear_cache(user=MANAGER)

    def later(self, days: int) -> AbstractContextManager[Any]:
        return patch.object(weekly_report, "getdate", lambda: getdate(add_days(getdate(), days)))

    def test_nothing_is_mailed_until_somebody_wants_it(self) -> None:
        self.assertEqual(self.send().call_count, 0)

    def test_once_in_each_week_to_whom_the_settings_name(self) -> None:
        self.settings(weekly_report=1, weekly_report_to=f"{CLERK}\n\n ops@example.com ")
        sent = self.send()
        to = [call.kwargs["recipients"] for call in sent.call_args_list]
        self.assertEqual(to, [[frappe.db.get_value("User", CLERK, "email")], ["ops@example.com"]])
        mail = sent.call_args.kwargs
        self.assertIn(f"Background jobs of {frappe.local.site} in the week to", mail["subject"])
        self.assertRegex(mail["subject"], r"\d+ of \d+ failed$")
        self.assertIn("shop.tests.&lt;b&gt;sync failed in 40 of 120 runs.", mail["message"])
        self.assertNotIn("<b>", mail["message"])
        self.assertEqual(self.send().call_count, 0, "this week has had one")
        with self.later(7):
            self.assertEqual(self.send().call_count, 2)

    def test_without_names_it_is_for_system_managers_each_in_their_language(self) -> None:
        self.settings(weekly_report=1)
        self.speak("de")
        self.addCleanup(self.speak, "")
        by_address = {call.kwargs["recipients"][0]: call.kwargs["message"] for call in self.send().call_args_list}
        self.assertIn(
            "ist in 40 von 120 Läufen fehlgeschlagen", by_address[frappe.db.get_value("User", MANAGER, "email")]
        )
        self.assertNotIn(frappe.db.get_value("User", CLERK, "email"), by_address)

    def test_a_mail_that_cannot_be_sent_is_written_down_and_not_sent_again(self) -> None:
        self.settings(weekly_report=1, weekly_report_to="a@example.com\nb@example.com")
        sent = self.send([frappe.OutgoingEmailError("There is no account"), None])
        self.assertEqual(sent.call_count, 2, "one does not keep the other from it")
        (error,) = frappe.get_all("Error Log", {"method": TITLE}, pluck="error")
        self.assertIn("a@example.com: OutgoingEmailError: There is no account", error)
        self.assertNotIn("b@example.com", error)
        self.assertEqual(self.send().call_count, 0)

    def test_nobody_who_does_not_exist_is_named(self) -> None:
        settings = frappe.get_doc(SETTINGS)
        settings.weekly_report_to = "no one at all"
        self.assertRaises(frappe.ValidationError, settings.save)

    def test_the_api_tells_the_same_to_managers_alone(self) -> None:
        frappe.set_user(MANAGER)
        found = api.weekly_report()
        (row,) = [each for each in found["failed_most"] if each["method"] == METHOD]
        self.assertEqual(row["now"], {"runs": 120, "failed": 40, "timed_out": 0, "worker_s": 180.0})
        self.assertIn(METHOD, [each["about"] for each in found["advice"]])
        until = (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        (row,) = [each for each in api.weekly_report(until)["failed_most"] if each["method"] == METHOD]
        self.assertEqual(row["now"]["runs"], 60)
        frappe.set_user(CLERK)
        self.assertRaises(frappe.PermissionError, api.weekly_report)
