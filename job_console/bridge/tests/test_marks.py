"""What is changed on a real site is marked: a deploy, the configuration, a policy; people see it where it explains."""

from unittest.mock import patch

import frappe

import job_console
from job_console import api, hooks
from job_console.bridge.connection import engine
from job_console.bridge.sweep import incidents, marks
from job_console.bridge.tests.test_incidents import ADD, INCIDENT, IncidentTestCase
from job_console.engine.errors import RedisUnavailable
from job_console.engine.redis import keys


class TestMarks(IncidentTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.forget()
        self.addCleanup(self.forget)

    def forget(self) -> None:
        for kind in ("marks", "marks_seen", "marks_workers"):
            for key in self.redis.scan_iter(keys.own(kind, "*"), count=1000):
                self.redis.delete(key)

    def look(self) -> None:
        marks.look_at(engine(), engine().watch.look())

    def told(self) -> list[str]:
        return [each["text"] for each in api.metrics_history("15m")["marks"] if each["site"] == frappe.local.site]

    def policy(self) -> str:
        doc = frappe.get_doc({"doctype": "Job Policy", "match_by": "Method", "method": ADD}).insert()
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.delete_doc, "Job Policy", doc.name, force=True, ignore_permissions=True)
        frappe.db.commit()
        return doc.name

    def test_a_deploy_the_configuration_and_a_policy(self) -> None:
        self.look()
        self.assertEqual(self.told(), [], "nothing has changed yet")
        name = self.policy()
        with (
            patch.object(marks, "version", lambda app: {"frappe": "99.1"}.get(app, "1")),
            patch.dict(frappe.conf, {"max_queued_jobs": 900, "db_host": "secret.example"}),
        ):
            self.look()
            self.look()
        said = self.told()
        self.assertEqual(len(said), 3)
        self.assertTrue(any("frappe 99.1" in each and each.endswith("installed") for each in said), said)
        self.assertIn(f"Job Policies were changed: {name}", said)
        (settings,) = (each for each in said if each.startswith("the configuration"))
        self.assertIn("max_queued_jobs", settings)
        self.assertIn("900", settings)
        self.assertNotIn("secret", settings)
        self.assertNotIn("#", settings)

    def test_versions_are_read_from_the_files(self) -> None:
        self.assertEqual(marks.version("frappe"), frappe.__version__)
        self.assertEqual(marks.version("job_console"), job_console.__version__)
        self.assertEqual(marks.version("no_such_app"), "?")

    def test_a_migration_is_marked_and_never_fails_by_it(self) -> None:
        self.assertIn("job_console.bridge.sweep.marks.after_migrate", hooks.after_migrate)
        marks.after_migrate()
        self.assertEqual(self.told(), ["the site was migrated"])
        with patch.object(marks, "facts", side_effect=ValueError("odd")), self.assertLogs("job_console", "WARNING"):
            marks.after_migrate()

    def test_an_incident_says_what_came_before_it_on_the_page_and_in_the_message(self) -> None:
        marks.after_migrate()
        job_id = self.ghost()
        self.sweep()
        (incident,) = (each for each in api.open_incidents()["incidents"] if each["job_id"] == job_id)
        self.assertRegex(
            incident["after"], r"^It began (within a minute of|\d+ min after) this: the site was migrated\.$"
        )
        told = frappe.get_all(
            "Notification Log", {"document_type": INCIDENT, "document_name": incident["name"]}, pluck="subject"
        )
        self.assertTrue(told)
        self.assertTrue(all(each.endswith(incident["after"]) for each in told), told)

    def test_incidents_are_shown_without_it_while_redis_is_away(self) -> None:
        self.ghost()
        self.sweep()
        with patch("job_console.engine.history.marks.read", side_effect=RedisUnavailable("away")):
            found = incidents.open_incidents()
        self.assertTrue(found)
        self.assertEqual({each["after"] for each in found}, {None})

    def test_the_sweep_looks(self) -> None:
        swept = incidents.sweep()
        self.assertIn(f"marks@{frappe.local.site}", swept.done)
        self.assertTrue(self.redis.hexists(keys.marks_seen(engine().watch.queue_prefix), frappe.local.site))
