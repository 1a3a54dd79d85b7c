"""The site's schedule as the engine is told of it, and the faults that it shows: made for real."""

import subprocess
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

import frappe
from frappe.installer import update_site_config
from frappe.utils import get_bench_path, now_datetime

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.schedule import schedule, scheduler_process
from job_console.bridge.tests.schedule_testing import COMES_BY, DIES_IN_THE_GAP, RECORD, TICKS, ScheduleTestCase
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.schedule import clock, tickers
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.service import Viewer

UTC = timezone.utc


class TestFacts(ScheduleTestCase):
    def reported(self, name: str) -> ScheduleEntry:
        schedule.refresh(now=True)
        return engine().watch.schedules.all()[frappe.local.site].entry(name)

    def test_an_entry_is_reported_as_frappe_works_it_out(self) -> None:
        for frequency in ("Cron", "Daily Long", "All", "Monthly"):
            with self.subTest(frequency):
                method = f"job_console.x.{frappe.scrub(frequency)}"
                cron = "*/7 3 * * 1-5" if frequency == "Cron" else ""
                name = self.entry(method, cron, frequency=frequency)
                record, entry = frappe.get_doc(RECORD, name), self.reported(name)
                due = record.get_next_execution()
                self.assertEqual((entry.method, entry.cron), (method, record.cron_format))
                self.assertTrue(entry.queue.endswith(":" + record.get_queue_name()))
                self.assertEqual(entry.job_id, self.job_id(name))
                ago, ours = now_datetime() - due, datetime.now(UTC) - entry.due_at
                self.assertLess(abs(ago - ours), timedelta(minutes=11))  # 15 adds up to ten by chance to Long

    def test_in_an_hour_that_comes_twice_it_is_due_when_frappe_says_so(self) -> None:
        """02:15 in Berlin for the second time; the database does not know in which pass it ran."""
        record = frappe.get_doc(RECORD, self.entry(cron="*/20 * * * *"))
        record.last_execution = "2026-10-25 02:10:00"
        now, zone = datetime(2026, 10, 25, 1, 15, tzinfo=UTC), "Europe/Berlin"
        with patch.object(schedule, "get_system_timezone", return_value=zone):
            entry = schedule._entry(record.as_dict(), {}, now)
        self.assertFalse(record.is_event_due(clock.wall(now, clock.zone(zone))))
        self.assertEqual((entry.last_at, entry.due_at), (now - timedelta(minutes=5), now + timedelta(minutes=5)))

    def test_the_database_is_asked_once_in_a_few_seconds(self) -> None:
        schedule.refresh(now=True)
        with patch.object(schedule, "facts", side_effect=AssertionError("asked again")):
            schedule.refresh()
            schedule._asked.clear()  # another process
            schedule.refresh()

    def test_why_frappe_keeps_it_from_running(self) -> None:
        self.assertIsNone(schedule.why_off())
        for setting, word in {
            "maintenance_mode": "maintenance",
            "pause_scheduler": "paused",
            "disable_scheduler": "disabled",
        }.items():
            with self.subTest(setting), patch.dict(frappe.local.conf, {setting: 1}):
                self.assertEqual(schedule.why_off()[0], word)
        ran = frappe.get_doc(doctype="Scheduled Job Log", scheduled_job_type=self.entry(), status="Complete")
        ran.insert(ignore_permissions=True)
        self.addCleanup(self.forget_activity)
        with patch("frappe.utils.scheduler.is_dormant", return_value=True):
            self.forget_activity()
            self.assertEqual(schedule.why_off()[0], "dormant")
        self.switch(0)
        self.assertEqual(schedule.why_off()[0], "switched_off")

    def test_another_sites_schedule_is_never_shown(self) -> None:
        theirs = ScheduleEntry(
            "their.task", "their.secret.task", "* * * * *", "long", ready_since=datetime(2026, 1, 1, tzinfo=UTC)
        )
        schedules = engine().watch.schedules
        schedules.publish(Schedule("somebody-else.example", False, "it is paused", entries=(theirs,)))
        self.addCleanup(schedules.withdraw, "somebody-else.example")
        self.look()
        self.assertIn("somebody-else.example", engine().watch.look().bench.schedules)
        text = frappe.as_json([api.snapshot(), api.warnings()])
        self.assertNotIn("their.", text)
        self.assertNotIn("somebody-else", text)
        self.assertTrue(api.snapshot()["schedule"]["running"])


class TestBlocked(ScheduleTestCase):
    def test_a_schedule_that_its_own_ghost_blocks_is_named_freed_and_runs_again(self) -> None:
        """frappe#31325: a worker on two queues is killed between taking the job and starting it."""
        name = self.entry()
        job_id = self.job_id(name)
        self.assertEqual(self.tick(), ["job_console.bridge.tests.testing.nothing"])
        self.to_front(job_id)
        self.assertEqual(self.start(DIES_IN_THE_GAP).wait(60), -9)
        self.assertEqual(self.redis.hget(f"rq:job:{job_id}", "status"), b"queued")
        self.redis.hset(f"rq:job:{job_id}", "enqueued_at", "2026-01-01T00:01:00.000000Z")  # as if it were days ago
        self.assertEqual(self.tick(), [], "Frappe skips it: that is the fault")

        (warning,) = self.warnings("blocked_schedule")
        self.assertEqual((warning["job_id"], warning["site"]), (job_id, frappe.local.site))
        self.assertIn(
            "job_console.bridge.tests.testing.nothing is blocked: its last run is a ghost", warning["message"]
        )
        self.assertEqual(
            [each["code"] for each in api.warnings()["warnings"] if each["job_id"] == job_id], ["blocked_schedule"]
        )
        (free,) = warning["remedies"]
        self.assertEqual((free["label"], free["safe"]), ("Free its id", True))

        self.assertTrue(api.act(free["action"], [job_id])["results"][0]["ok"])
        self.assertEqual(
            self.warnings("blocked_schedule", "missed_run", "scheduler_down", until=lambda found: not found), []
        )
        self.assertEqual(self.tick(), ["job_console.bridge.tests.testing.nothing"])
        self.to_front(job_id)
        self.work("default")
        frappe.db.rollback()
        ran = frappe.get_value(RECORD, name, "last_execution")
        self.assertLess(now_datetime() - ran, timedelta(minutes=2))
        self.assertEqual(self.redis.hget(f"rq:job:{job_id}", "status"), b"finished")

    def test_a_date_that_never_comes_ends_the_tick_and_is_named(self) -> None:
        name = self.entry(cron="0 0 30 2 *")
        with self.assertRaises(ValueError):
            self.tick()  # before or after others of the site, by chance
        (warning,) = self.warnings("blocked_schedule")
        self.assertEqual((warning["evidence"]["schedule"], warning["evidence"]["cron"]), (name, "0 0 30 2 *"))
        self.assertIn("keeps others of the site from running: No date matches it", warning["message"])


class TestDown(ScheduleTestCase):
    def test_switched_off_is_reported_and_ends_when_it_is_on(self) -> None:
        self.entry()
        self.switch(0)
        (warning,) = self.warnings("scheduler_down", "missed_run")
        self.assertIn("it is switched off in System Settings. ", warning["message"] + " ")
        self.switch(1)
        self.assertEqual(self.warnings("scheduler_down", "missed_run", until=lambda found: not found), [])

    def test_the_watcher_tells_the_operator_of_maintenance(self) -> None:
        """The desk is closed then."""
        self.entry()
        self.look()
        update_site_config("maintenance_mode", 1)
        self.addCleanup(update_site_config, "maintenance_mode", 0)
        command = ["bench", "job-console-watch", "--once"]
        subprocess.run(command, cwd=get_bench_path(), check=True, capture_output=True, timeout=120)
        engine().watch.forget()
        found = engine().console(Viewer("operator")).warnings.all(prove=True)["warnings"]
        here = frappe.local.site
        (warning,) = [each for each in found if each["code"] == "scheduler_down" and each["site"] == here]
        self.assertIn("the site is in maintenance mode", warning["message"])

    def test_a_scheduler_that_was_killed(self) -> None:
        scheduler = self.start(TICKS)
        self.assertEqual(scheduler.stdout.readline(), b"ticked\n")
        self.assertTrue(scheduler_process.alive())
        scheduler.kill()
        scheduler.wait()
        self.assertFalse(scheduler_process.alive())

        schedule.withdraw()  # nobody has seen it alive
        self.entry()  # due since January, and never enqueued
        (warning,) = self.warnings("scheduler_down", "missed_run")
        self.assertEqual(warning["code"], "scheduler_down")
        self.assertIn("no scheduler process runs on", warning["message"])
        self.assertEqual(warning["evidence"]["overdue"], 1)

    def test_one_that_was_seen_alive_and_killed_is_reported_before_anything_is_due(self) -> None:
        """And not in a bench that is well, nor in one whose scheduler was started again."""
        name = self.entry()
        frappe.db.set_value(RECORD, name, {"last_execution": now_datetime(), "cron_format": "0 3 1 1 *"})
        frappe.db.commit()
        with patch.object(schedule_limits, "SCHEDULER_GONE_S", 0.5):
            for _ in range(2):
                scheduler = self.start(TICKS)
                self.assertEqual(scheduler.stdout.readline(), b"ticked\n")
                self.assertEqual(self.warnings("scheduler_down", until=lambda found: not found), [])
                scheduler.kill()
                scheduler.wait()
                (warning,) = self.warnings("scheduler_down")
                self.assertIn("its scheduler's process is gone: it ran on", warning["message"])
                self.assertEqual((warning["severity"], warning["evidence"]["overdue"]), ("critical", 0))

    def test_the_wizards_dates_in_the_future(self) -> None:
        """A site west of the zone that it was created in: all its schedules are created in some hours."""
        names = [self.entry(), self.entry("job_console.bridge.tests.testing.fail")]
        later = now_datetime() + timedelta(hours=5)
        frappe.db.set_value(RECORD, names[0], {"creation": later, "last_execution": None}, update_modified=False)
        frappe.db.set_value(RECORD, names[1], {"creation": later, "last_execution": later}, update_modified=False)
        yearly = self.entry("job_console.x.yearly", "0 3 1 1 *")
        frappe.db.set_value(RECORD, yearly, {"last_execution": later}, update_modified=False)
        frappe.db.commit()
        self.assertEqual(self.tick(), [], "Frappe runs nothing: that is the fault")
        (warning,) = self.warnings("blocked_schedule")
        self.assertIn("2 schedules do not run for up to ", warning["message"])
        self.assertIn("from their last run or creation, which lies in the future", warning["message"])
        self.assertCountEqual(warning["evidence"]["schedules"], names)
        rows = {entry["record"]: entry for entry in api.schedule()["schedules"][0]["entries"]}
        self.assertIn("Its creation lies in the future", rows[names[0]]["problem"])
        self.assertIsNone(rows[yearly]["problem"])

        (remedy,) = warning["remedies"]
        (result,) = api.act(remedy["action"], reason="the wizard")["results"]
        self.assertTrue(result["ok"], result)
        self.assertEqual(result["state_after"], "2 counted from now")
        self.assertEqual(api.audit()["entries"][0]["action"], "correct_dates")
        self.assertEqual(self.warnings("blocked_schedule", until=lambda found: not found), [])
        for name in names:
            record = frappe.get_doc(RECORD, name)
            self.assertLess(record.get_next_execution(), now_datetime() + timedelta(minutes=2))
        self.assertIsNone(frappe.db.get_value(RECORD, names[0], "last_execution"), "it has not run")
        (again,) = api.act(remedy["action"])["results"]
        self.assertFalse(again["ok"])

    def test_a_run_that_somebody_asks_for_is_no_tick(self) -> None:
        """Else the one cause would be told as many schedules that were passed over."""
        names = [self.entry(), self.entry("job_console.bridge.tests.testing.fail")]
        with self.user("Administrator"):
            frappe.get_doc(RECORD, names[0]).enqueue(force=True)
        self.redis.hset(f"rq:job:{self.job_id(names[0])}", "status", "finished")
        (warning,) = self.warnings("scheduler_down", "missed_run")
        self.assertEqual(warning["code"], "scheduler_down")
        self.assertIn("its scheduler has not ticked", warning["message"])

    def test_two_schedulers_of_two_hosts(self) -> None:
        name = self.entry()
        frappe.db.set_value(RECORD, name, {"last_execution": now_datetime(), "cron_format": "0 3 1 1 *"})
        frappe.db.commit()
        with patch.object(schedule, "get_scheduler_tick", lambda: 4):
            _one, other = (self.start(COMES_BY.replace("HOST", host)) for host in ("host-a", "host-b"))
            (warning,) = self.warnings("scheduler_down")
            self.assertEqual(warning["severity"], "warning")
            for host in ("host-a", "host-b"):
                self.assertIn(f"{host} (process", warning["message"])
            other.kill()
            self.assertEqual(self.warnings("scheduler_down", until=lambda found: not found), [])

    def test_one_that_is_passed_over_while_others_run(self) -> None:
        name = self.entry()
        tickers.publish(self.redis, frappe.local.site, "a scheduler")
        (warning,) = self.warnings("scheduler_down", "missed_run")
        self.assertEqual((warning["code"], warning["evidence"]["schedule"]), ("missed_run", name))
