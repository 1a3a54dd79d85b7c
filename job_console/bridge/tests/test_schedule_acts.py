"""What managers do to schedules from the page: through Frappe's documents, and written down."""

import json

import frappe
from frappe.utils import now_datetime

from job_console import api
from job_console.bridge.schedule import moved
from job_console.bridge.tests.schedule_testing import RECORD, WORKS, ScheduleTestCase
from job_console.bridge.tests.testing import CLERK, MANAGER
from job_console.engine.schedule import tickers

NOTHING = "job_console.bridge.tests.testing.nothing"


class TestActs(ScheduleTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.name = self.entry(cron="0 3 * * *")
        frappe.db.set_value(RECORD, self.name, "last_execution", now_datetime())
        frappe.db.commit()
        self.id = self.job_id(self.name)
        self.addCleanup(self.forget_moves)

    def forget_moves(self) -> None:
        frappe.set_user("Administrator")
        frappe.db.commit()  # as in `_remove`
        settings = frappe.get_doc(moved.SETTINGS)
        settings.moved_schedules = []
        settings.save()
        frappe.db.commit()

    def reported(self) -> dict:
        (known,) = api.schedule()["schedules"]
        return next(entry for entry in known["entries"] if entry["record"] == self.name)

    def one(self, action: str, **more) -> dict:
        (result,) = api.act(action, [self.id], **more)["results"]
        return result

    def test_only_system_managers(self) -> None:
        with self.user(CLERK):
            for call in (api.schedule, api.schedule_day, api.schedule_quieter):
                self.assertRaises(frappe.PermissionError, call)
            self.assertRaises(frappe.PermissionError, api.schedule_preview, "* * * * *")
            self.assertRaises(frappe.PermissionError, api.act, "pause_schedule", [self.id])
            self.assertRaises(frappe.PermissionError, api.move_schedules, [])
        for call in (api.act, api.move_schedules):
            self.assertEqual(frappe.allowed_http_methods_for_whitelisted_func[call], ["POST"])

    def test_run_now_runs_as_the_scheduler_would_and_once(self) -> None:
        result = self.one("run_schedule")
        self.assertEqual((result["ok"], result["state_after"]), (True, "queued"))
        self.assertEqual((api.show(self.id)["user"], frappe.session.user), ("Administrator", MANAGER))
        again = self.one("run_schedule")
        self.assertEqual((again["ok"], again["reason"]), (False, "A run of it waits or runs already."))
        entry = api.audit()["entries"][1]
        self.assertEqual((entry["actor"], entry["action"], entry["detail"]), (MANAGER, "run_schedule", NOTHING))
        self.to_front(self.id)
        self.work("default")
        self.wait(lambda: api.schedule() and self.reported()["runs"])
        self.assertEqual([run["outcome"] for run in self.reported()["runs"]], ["finished"])

    def test_pause_and_resume(self) -> None:
        self.assertEqual(self.one("pause_schedule", reason="stock-taking")["state_after"], "paused")
        self.assertTrue(self.reported()["stopped"])
        self.assertEqual(self.tick(), [])
        self.assertEqual(self.one("resume_schedule")["state_after"], "on")
        self.assertFalse(frappe.db.get_value(RECORD, self.name, "stopped"))
        self.assertEqual([entry["reason"] for entry in api.audit()["entries"][:2]], ["", "stock-taking"])

    def test_another_time_is_checked_kept_over_a_migrate_and_can_be_put_back(self) -> None:
        moves = json.dumps([{"record": self.name, "cron": "17 3 * * *"}])
        (result,) = api.move_schedules(moves, reason="too much at three")["results"]
        self.assertEqual(
            (result["ok"], result["state_before"], result["state_after"]), (True, "0 3 * * *", "17 3 * * *")
        )
        reported = self.reported()
        self.assertEqual((reported["cron"], reported["declared"]), ("17 3 * * *", "0 3 * * *"))

        frappe.db.set_value(RECORD, self.name, "cron_format", "5 4 * * *")  # a migrate, and the app says otherwise now
        with self.user("Administrator"):
            moved.after_migrate()
        self.look()
        reported = self.reported()
        self.assertEqual((reported["cron"], reported["declared"]), ("17 3 * * *", "5 4 * * *"))

        self.assertEqual(self.one("reset_cron")["state_after"], "5 4 * * *")
        self.assertEqual((self.reported()["cron"], self.reported()["declared"]), ("5 4 * * *", None))
        self.assertFalse(self.one("reset_cron")["ok"])

    def test_a_frequency_keeps_its_lane_when_its_minute_moves(self) -> None:
        name = self.entry("job_console.x.long_one", "", frequency="Daily Long")
        api.move_schedules([{"record": name, "cron": "17 0 * * *"}])
        record = frappe.get_doc(RECORD, name)
        self.assertEqual(
            (record.frequency, record.cron_format, record.get_queue_name()), ("Daily Long", "17 0 * * *", "long")
        )
        (result,) = api.act("reset_cron", [self.job_id(name)])["results"]
        self.assertEqual(
            (result["state_after"], frappe.db.get_value(RECORD, name, "cron_format") or ""), ("0 0 * * *", "")
        )

    def test_what_is_wrong_is_refused_with_its_reason(self) -> None:
        with self.assertRaises(frappe.ValidationError) as refused:
            api.move_schedules([{"record": self.name, "cron": "0 24 * * *"}])
        self.assertIn("The hour goes from 0 to 23, not 24.", str(refused.exception))
        for wrong in ({"record": "no-such", "cron": "0 3 * * *"}, "no-such", None):
            with self.assertRaises(frappe.ValidationError):
                api.move_schedules([{"record": self.name, "cron": "0 4 * * *"}, wrong])
        (result,) = api.act("pause_schedule", ["no-such"])["results"]
        self.assertEqual((result["ok"], result["state_before"]), (False, "missing"))
        self.assertEqual(self.reported()["cron"], "0 3 * * *")

    def test_a_preview_in_the_sites_zone(self) -> None:
        preview = api.schedule_preview("0 2 * * *")
        self.assertEqual(len(preview["next"]), 10)
        self.assertEqual(preview["zone"], frappe.utils.get_system_timezone())
        day = api.schedule_day()
        self.assertIn(self.name, [entry["record"] for entry in day["entries"] if entry])


class TestMended(ScheduleTestCase):
    """One click each."""

    def act(self, remedy: dict, job_id: str | None = None) -> None:
        (result,) = api.act(remedy["action"], [job_id] if job_id else None, reason="by the warning")["results"]
        self.assertTrue(result["ok"], result)

    def gone(self, *codes: str) -> None:
        self.assertEqual(self.warnings(*codes, until=lambda found: not found), [])

    def test_switched_on(self) -> None:
        self.switch(0)
        (warning,) = self.warnings("scheduler_down")
        self.act(warning["remedies"][0])
        self.gone("scheduler_down")

    def test_a_pause_that_ends_wants_a_reason(self) -> None:
        frappe.local.conf.pause_scheduler = 1
        self.addCleanup(frappe.local.conf.pop, "pause_scheduler", None)
        (warning,) = self.warnings("scheduler_down")
        (remedy,) = warning["remedies"]
        self.assertEqual((remedy["action"], remedy["safe"]), ("unpause_scheduler", False))
        self.act(remedy)
        self.addCleanup(frappe.installer.update_site_config, "pause_scheduler", "None")
        self.assertEqual(frappe.get_site_config().pause_scheduler, 0)
        self.gone("scheduler_down")

    def test_no_tick(self) -> None:
        job_id = self.job_id(self.entry())
        (warning,) = self.warnings("scheduler_down")
        self.act(warning["remedies"][0])
        self.assertEqual(self.redis.hget(f"rq:job:{job_id}", "status"), b"queued")
        self.gone("scheduler_down", "missed_run")

    def test_passed_over(self) -> None:
        job_id = self.job_id(self.entry())
        tickers.publish(self.redis, frappe.local.site, "a scheduler")
        (warning,) = self.warnings("missed_run")
        self.act(warning["remedies"][0], warning["job_id"])
        self.assertEqual(self.redis.hget(f"rq:job:{job_id}", "status"), b"queued")
        self.gone("missed_run")

    def test_a_date_that_never_comes(self) -> None:
        self.entry(cron="0 0 30 2 *")
        (warning,) = self.warnings("blocked_schedule")
        self.act(warning["remedies"][0], warning["job_id"])
        self.gone("blocked_schedule")
        self.tick()

    def test_a_run_longer_than_its_period(self) -> None:
        """It is past its timeout, its alarm did not fire, and the next run is due: stopping it frees the schedule."""
        name = self.entry("job_console.bridge.tests.testing.lasts", cron="* * * * *")
        job_id = self.job_id(name)
        self.tick()
        self.to_front(job_id)
        worker = self.start(WORKS)
        self.wait(lambda: self.redis.hget(f"rq:job:{job_id}", "status") == b"started")
        long_ago = "2026-01-01T00:02:00.000000Z"
        self.redis.hset(f"rq:job:{job_id}", mapping={"started_at": long_ago, "enqueued_at": long_ago})
        (warning,) = self.warnings("blocked_schedule")
        self.assertIn("its last run is past its timeout", warning["message"])
        self.act(warning["remedies"][0], job_id)
        self.assertNotEqual(self.redis.hget(f"rq:job:{job_id}", "status"), b"started")
        self.assertIsNone(worker.poll(), "the worker goes on")
        self.gone("blocked_schedule")
        frappe.db.rollback()
        frappe.db.set_value(RECORD, name, "last_execution", "2026-01-01 00:00:00")
        self.assertEqual(self.tick(), ["job_console.bridge.tests.testing.lasts"])
