"""A good guest on somebody's site: it changes nobody's way, and fills no list while something else is down."""

from unittest.mock import patch

import frappe
import frappe.api
from redis import Redis
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from job_console import api
from job_console.bridge import connection, sidebar, uninstall, unreachable, versions
from job_console.bridge.access import RedisUnavailableError
from job_console.bridge.tests.testing import MANAGER, SiteTestCase
from job_console.engine.service import Engine


class TestLanding(SiteTestCase):
    def test_nobody_lands_elsewhere_because_of_us(self) -> None:
        """One entry on the apps screen is where everybody lands; a second one changes where they did before."""
        try:
            from frappe.apps import get_default_path
        except ImportError:
            self.skipTest("This Frappe has no apps screen.")
        self.assertEqual(frappe.get_hooks("add_to_apps_screen", app_name="job_console"), [])
        others = [app for app in frappe.get_installed_apps() if app not in ("frappe", "job_console")]
        if not any(frappe.get_hooks("add_to_apps_screen", app_name=app) for app in others):
            self.assertIsNone(get_default_path())


class TestSidebar(SiteTestCase):
    def test_it_leads_to_all_our_pages(self) -> None:
        """By whichever means this Frappe has: records of the app, workspaces that are links, or the workspace alone."""
        self.assertTrue(frappe.db.exists("Workspace", sidebar.HOME))
        self.assertFalse(frappe.db.exists("Workspace", "Job Console"), "the app's title is for its icon")
        linked = frappe.get_all("Workspace", {"parent_page": sidebar.HOME}, pluck="name")
        if versions.has_doctype("Workspace Sidebar"):
            self.assertTrue(frappe.db.exists("Workspace Sidebar", sidebar.HOME))
            self.assertEqual(linked, [])
        elif frappe.get_meta("Workspace").has_field("link_to"):
            self.assertEqual(set(linked), {label for label, *_more in sidebar.ENTRIES})

    def test_filters_have_four_elements(self) -> None:
        """Newer desks drop the last filter of a list whose filters have five, and count everything."""
        for doctype, fieldname in (("Workspace Shortcut", "stats_filter"), ("Number Card", "filters_json")):
            known = {"parent": sidebar.HOME} if doctype == "Workspace Shortcut" else {"module": "Job Console"}
            for text in frappe.get_all(doctype, known, pluck=fieldname):
                self.assertEqual({len(each) for each in frappe.parse_json(text or "[]")} - {4}, set(), text)


class TestLeaving(SiteTestCase):
    def test_what_a_broken_off_uninstalling_left_goes_with_the_next(self) -> None:
        name = "Job Console Test Left"
        fields = [{"fieldname": "title", "fieldtype": "Data", "label": "Title"}]
        left = {"doctype": "DocType", "name": name, "module": "Job Console", "custom": 1, "fields": fields}
        frappe.get_doc(left).insert()
        with patch.object(uninstall, "doctypes", return_value=[name, "Job Console Test Gone"]):
            uninstall.drop_what_is_left()
            uninstall.drop_what_is_left()
        # Frappe notes what was deleted; another test looks whether anything is left.
        for log, fieldname, value in (
            ("Comment", "subject", f"DocType {name}"),
            ("Deleted Document", "deleted_name", name),
            ("Permission Log", "for_document", name),
        ):
            if frappe.db.table_exists(log):
                frappe.db.delete(log, {fieldname: value})
        frappe.db.commit()
        self.assertFalse(frappe.db.exists("DocType", name))
        self.assertNotIn(f"tab{name}", frappe.db.get_tables(cached=False))


class TestRedisIsDown(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        dead = Engine(Redis(port=1), queue_prefix=connection.queue_prefix())
        down = patch.object(connection, "_engine", lambda *_: dead)
        down.start()
        self.addCleanup(down.stop)
        self.forget()
        self.addCleanup(self.forget)

    def forget(self) -> None:
        unreachable._logged_at.clear()
        frappe.cache.delete(f"job_console:unreachable:{frappe.local.site}")

    def asked(self, name: str) -> Response:
        """As a page asks: the answer is Frappe's, and what it raises Frappe would write into an Error Log."""
        path, before = f"/api/method/job_console.api.{name}", getattr(frappe.local, "request", None)
        frappe.local.request = request = Request(EnvironBuilder(path=path).get_environ())
        frappe.local.form_dict = frappe._dict()
        frappe.local.response = frappe._dict()
        frappe.local.message_log = []
        self.addCleanup(setattr, frappe.local, "request", before)
        try:
            return frappe.api.handle(request)
        except TypeError:  # Frappe 15 takes it from frappe.local
            return frappe.api.handle()

    def test_a_page_that_goes_on_asking_writes_one_line_and_no_error_log(self) -> None:
        logs = frappe.db.count("Error Log")
        with self.assertLogs(frappe.logger("job_console").name, "ERROR") as said:
            for _ in range(3):
                answer = self.asked("snapshot")
                self.assertEqual(answer.status_code, 503)
                self.assertEqual(answer.json["exc_type"], "RedisUnavailableError")
                self.assertIn("Redis", answer.json["_server_messages"])
        self.assertEqual(len(said.output), 1, said.output)
        self.assertEqual(frappe.db.count("Error Log"), logs)

    def test_another_process_of_the_site_says_it_no_second_time(self) -> None:
        with self.assertLogs(frappe.logger("job_console").name, "ERROR"):
            self.asked("snapshot")
        unreachable._logged_at.clear()
        with self.assertNoLogs(frappe.logger("job_console").name, "ERROR"):
            self.asked("snapshot")

    def test_ticks_of_the_scheduler_write_that_line_once_too(self) -> None:
        schedule = frappe.get_last_doc("Scheduled Job Type")
        with self.assertLogs(frappe.logger("job_console").name, "ERROR") as said:
            for _ in range(3):
                schedule.enqueue()
        self.assertEqual(len(said.output), 1, said.output)
        self.assertIn("Redis", said.output[0])

    def test_code_that_calls_the_api_hears_an_exception(self) -> None:
        with self.assertRaises(RedisUnavailableError):
            api.snapshot()

    def test_a_page_that_is_open_after_the_uninstallation_is_refused(self) -> None:
        with (
            patch.object(frappe, "get_installed_apps", lambda *_, **__: ["frappe"]),
            self.assertRaisesRegex(frappe.PermissionError, "not installed"),
        ):
            api.snapshot()
        self.assertEqual(frappe.session.user, MANAGER)
