"""What code declares becomes Job Policies; what people change stays theirs."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest.mock import patch

import frappe
from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs

import job_console
from job_console import api
from job_console.bridge.policies import form
from job_console.bridge.schedule import moved
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.bridge.tests.testing import CLERK
from job_console.engine.errors import BadRequest
from job_console.engine.redis import forget
from job_console.runtime.declare import declarations, schedules
from job_console.runtime.declare.decorator import DECLARED

#: A module of an application, as far as anybody can tell.
MODULE = "job_console.declared_for_tests"
SYNC = f"{MODULE}.sync"
COUNT = f"{MODULE}.count"


class DeclaringTestCase(PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.module = ModuleType(MODULE)
        exec("def sync(customer, region=''): ...\ndef count(): ...", self.module.__dict__)
        self.module.sync.__module__ = self.module.count.__module__ = MODULE
        sys.modules[MODULE] = job_console.declared_for_tests = self.module
        self.addCleanup(delattr, job_console, "declared_for_tests")
        self.addCleanup(sys.modules.pop, MODULE)
        self.addCleanup(DECLARED.clear)
        frappe.set_user("Administrator")

    def declared(self, **said):
        """The policy after a migration with this declaration; without one when it is None."""
        DECLARED.clear()
        job_console.job(**said)(self.module.sync)
        return self.synced()

    def synced(self):
        declarations.sync()
        return frappe.get_doc("Job Policy", SYNC) if frappe.db.exists("Job Policy", SYNC) else None


class TestDeclarations(DeclaringTestCase):
    def test_a_declaration_becomes_a_policy_and_is_obeyed(self) -> None:
        doc = self.declared(queue="long", attempts=4, backoff=[30, 120], key="{customer}", sensitive=["region"])
        self.assertEqual((doc.source, doc.enabled, doc.method, doc.delays), ("Code", 1, SYNC, "30, 2m"))
        (policy,) = [each for each in self.published().policies if each.name == SYNC]
        self.assertEqual(policy, DECLARED[SYNC].policy)

    def test_a_second_migration_changes_nothing(self) -> None:
        before = self.declared(queue="long", timeout=900, alert_to=["sm@example.com"], alert_on=["failed"]).modified
        self.assertEqual(self.synced().modified, before)

    def test_what_the_code_says_anew_is_followed(self) -> None:
        self.declared(queue="long", timeout=900, attempts=2)
        doc = self.declared(queue="short", attempts=5)
        self.assertEqual((doc.queue, doc.timeout or 0, doc.attempts), ("short", 0, 5))

    def test_what_a_person_has_changed_is_kept_and_shown_and_can_be_reset(self) -> None:
        doc = self.declared(timeout=900, attempts=2)
        doc.timeout = 1200
        doc.queue = "long"
        doc.enabled = 0
        doc.save()
        doc = self.declared(queue="default", timeout=200, attempts=3, longest_wait=60)
        doc.run_method("onload")
        self.assertEqual((doc.queue, doc.timeout, doc.attempts, doc.enabled), ("long", 1200, 3, 0))
        self.assertEqual(doc.get_onload("overridden"), [["Queue", "default"], ["Timeout", 200]])

    def test_one_click_goes_back_to_the_code(self) -> None:
        doc = self.declared(queue="long", timeout=900)
        doc.timeout = 1200
        doc.save()
        with self.user(CLERK), self.assertRaises(frappe.PermissionError):
            api.reset_policy(SYNC)
        frappe.set_user("Administrator")
        api.reset_policy(SYNC)
        self.assertEqual(frappe.get_doc("Job Policy", SYNC).timeout, 900)

    def test_what_somebody_made_before_the_code_said_anything_is_theirs(self) -> None:
        self.make(title=SYNC, method=SYNC, queue="short")
        doc = self.declared(queue="long", attempts=4)
        self.assertEqual((doc.source, doc.queue, doc.attempts), ("Code", "short", 4))

    def test_a_declaration_that_is_gone_takes_its_policy_with_it(self) -> None:
        self.declared(queue="long")
        DECLARED.clear()
        self.assertIsNone(self.synced())
        self.assertNotIn(SYNC, [each.name for each in self.published().policies])

    def test_but_leaves_what_a_person_made_of_it(self) -> None:
        doc = self.declared(queue="long")
        doc.queue = "short"
        doc.save()
        DECLARED.clear()
        doc = self.synced()
        self.assertEqual((doc.source, doc.declared, doc.queue), ("Desk", None, "short"))

    def test_a_module_that_cannot_be_imported_loses_nothing_and_stops_nothing(self) -> None:
        self.declared(queue="long")
        DECLARED.clear()
        with (
            patch.object(declarations, "modules", lambda app, _path: [MODULE] if app == "job_console" else []),
            patch.dict(sys.modules),
        ):
            del sys.modules[MODULE]
            self.assertEqual(self.synced().source, "Code")

    def test_a_declaration_that_makes_no_sense_stops_no_migration(self) -> None:
        self.assertIsNone(self.declared(queue="no-such-queue"))
        job_console.job(queue="long")(self.module.count)
        declarations.sync()
        self.assertTrue(frappe.db.exists("Job Policy", f"{MODULE}.count"))

    def test_a_slip_of_the_pen_is_reported_in_a_sentence_and_stops_no_migration(self) -> None:
        slips: dict[str, dict[str, object]] = {
            "Catch up is one of once, skip, all, not 'twice'.": {"catch_up": "twice"},
            "Overlap is one of skip, queue, allow, cancel, not 'queue_one'.": {"overlap": "queue_one"},
            "The timeout is a number of seconds, not '5m'.": {"timeout": "5m"},
            "Attempts is a number, not 'many'.": {"attempts": "many"},
            "A delay is a number of seconds, not '30'.": {"attempts": 3, "backoff": ["30"]},
            "The pause between two alerts is a number of seconds, not '1h'.": {"alert_cooldown": "1h"},
        }
        for sentence, said in slips.items():
            with self.subTest(sentence), patch("click.secho") as reported:
                self.assertIsNone(self.declared(**said))
                (line,) = [call.args[0] for call in reported.call_args_list]
                self.assertEqual(line, f"The job policy of {SYNC} is left as it is: {sentence}")

    def test_whatever_goes_wrong_leaves_nothing_half_done(self) -> None:
        with patch.object(form, "is_same", side_effect=ZeroDivisionError("no")):
            self.declared(queue="long")
            job_console.job(queue="short")(self.module.sync)
            declarations.sync()
        self.assertEqual(frappe.get_doc("Job Policy", SYNC).queue, "long")

    def test_what_another_sites_app_declares_is_not_ours(self) -> None:
        self.declared(queue="long")
        with patch("frappe.get_installed_apps", return_value=["frappe"]):
            DECLARED[f"other_app.{SYNC}"] = DECLARED[SYNC]
            declarations.sync()
        self.assertFalse(frappe.db.exists("Job Policy", f"other_app.{SYNC}"))

    def test_modules_are_found_by_their_text(self) -> None:
        files = {
            "tasks.py": "import job_console\n@job_console.job(queue='long')\ndef a(): ...",
            "deep/__init__.py": "from job_console import job\n@job()\ndef b(): ...",
            "deep/more.py": "from job_console import job\n\n    @job(\n)",
            "other.py": "# job_console\n@task()\ndef c(): ...",
            "public/built.py": "import job_console\n@job_console.job()",
            "test_tasks.py": "import job_console\n@job_console.job()",
        }
        with TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
            found = sorted(declarations.modules("app", Path(folder)))
        self.assertEqual(found, ["app.deep", "app.deep.more", "app.tasks"])

    def test_nothing_is_published_any_more_when_job_console_leaves(self) -> None:
        self.declared(queue="long")
        forget.of_site(self.redis, frappe.local.site)
        self.assertIsNone(self.published())


class TestSchedules(DeclaringTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(frappe.db.commit)
        self.addCleanup(self.scheduled, None)

    def scheduled(self, when: Any, **said: Any) -> Any:
        """The record after Frappe's own part of a migration and ours."""
        DECLARED.clear()
        if when:
            job_console.job(schedule=when, **said)(self.module.count)
        sync_jobs()
        declarations.sync()
        moved.after_migrate()
        name = frappe.db.exists("Scheduled Job Type", {"method": COUNT})
        return frappe.get_doc("Scheduled Job Type", name) if name else None

    def test_it_becomes_a_record_that_outlives_a_migration_with_what_people_said_of_it(self) -> None:
        record = self.scheduled("*/15 2 * * *", overlap="queue")
        self.assertEqual((record.frequency, record.cron_format, record.stopped), ("Cron", "*/15 2 * * *", 0))
        self.assertEqual(frappe.get_doc("Job Policy", COUNT).overlap, "Queue One")
        record.db_set("stopped", 1, update_modified=False)
        again = self.scheduled("*/15 2 * * *")
        self.assertEqual((again.name, again.stopped, again.modified), (record.name, 1, record.modified))

    def test_it_follows_the_code_and_goes_with_it(self) -> None:
        first = self.scheduled("0 2 * * *")
        record = self.scheduled("daily_long")
        self.assertEqual((record.name, record.frequency, record.get_queue_name()), (first.name, "Daily Long", "long"))
        self.assertEqual(record.next_execution.hour, 0)
        self.assertIsNone(self.scheduled(None))
        self.assertFalse(frappe.db.exists("Scheduler Event", {"method": COUNT}))

    def test_a_time_that_people_chose_goes_before_the_codes(self) -> None:
        record = self.scheduled("0 2 * * *")
        moved.set_cron(record, "17 3 * * *")
        self.assertEqual(self.scheduled("0 4 * * *").cron_format, "17 3 * * *")
        moved.reset(frappe.get_doc("Scheduled Job Type", record.name))
        self.assertEqual(self.scheduled("0 4 * * *").cron_format, "0 4 * * *")

    def test_what_makes_no_sense_stops_no_migration(self) -> None:
        self.assertIsNone(self.scheduled("0 25 * * *"))
        self.assertIsNone(self.scheduled("cron"))
        self.assertIsNone(self.scheduled(15))
        with self.assertRaisesRegex(BadRequest, "customer"):
            job_console.job(schedule="daily")(self.module.sync)

    def test_one_that_is_not_ours_is_left_alone(self) -> None:
        theirs = "frappe.email.queue.flush"
        before = frappe.get_doc("Scheduled Job Type", {"method": theirs}).as_dict()
        schedules.sync({theirs: "0 2 * * *"}, ())
        self.assertEqual(frappe.get_doc("Scheduled Job Type", {"method": theirs}).as_dict(), before)
