"""Ticks of Frappe's scheduler that obey a Job Policy, with real workers."""

import frappe
from frappe.utils import add_to_date, now_datetime

from job_console.bridge.access import console
from job_console.bridge.connection import engine
from job_console.bridge.schedule import actions, schedule
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.bridge.tests.schedule_testing import RECORD, WORKS, ScheduleTestCase
from job_console.bridge.ticks import scheduled_run
from job_console.bridge.ticks.scheduled_run import PolicedScheduledJobType
from job_console.engine.models.schedule import ScheduleEntry
from job_console.engine.redis import keys
from job_console.engine.schedule.due import run_ids

LASTS = "job_console.bridge.tests.testing.lasts"
NOTHING = "job_console.bridge.tests.testing.nothing"


class PolicedTestCase(ScheduleTestCase, PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(schedule.withdraw)

    def policed(self, method: str, cron: str = "0 * * * *", **policy: str) -> str:
        """A schedule of the last hours, with this policy; the id of its runs."""
        name = self.entry(method, cron)
        self.ran(name, hours=-5)
        self.make(method=method, **policy)
        self.name, self.ids = name, run_ids(self.job_id(name))
        self.made.extend(self.ids[1:])
        return self.ids[0]

    def ran(self, name: str, **ago: int) -> None:
        frappe.db.commit()
        frappe.db.set_value(RECORD, name, "last_execution", add_to_date(now_datetime(), **ago), update_modified=False)
        frappe.db.commit()

    def last_execution(self):
        frappe.db.rollback()
        return frappe.db.get_value(RECORD, self.name, "last_execution")

    def status(self, job_id: str) -> str | None:
        found = self.redis.hget(keys.job(job_id), "status")
        return found and found.decode()

    def reported(self) -> dict:
        self.look()
        entries = [entry for known in console().schedules.all()["schedules"] for entry in known["entries"]]
        return next(entry for entry in entries if entry["record"] == self.name)

    def known(self) -> ScheduleEntry:
        return engine().watch.schedules.all()[frappe.local.site].entry(self.name)

    def running(self, job_id: str) -> None:
        """Its first run is on its way, and its next time has come."""
        self.tick()
        self.to_front(job_id)
        self.start(WORKS)
        self.wait(lambda: self.status(job_id) == "started")
        self.wait(lambda: str(self.last_execution()) > add_to_date(now_datetime(), minutes=-2, as_string=True))
        self.ran(self.name, hours=-2)


class TestMissed(PolicedTestCase):
    """Five times have come while the scheduler was down."""

    def test_run_once(self) -> None:
        job_id = self.policed(NOTHING, catch_up="Run Once")
        self.assertIsInstance(frappe.get_doc(RECORD, self.name), PolicedScheduledJobType)
        self.assertEqual(self.tick(), [NOTHING])
        self.assertEqual((self.status(job_id), self.reported()["owed"]), ("queued", 0))

    def test_skip(self) -> None:
        now = now_datetime()
        job_id = self.policed(NOTHING, catch_up="Skip", cron=f"0 {(now.hour - 3) % 24} * * *")
        self.ran(self.name, days=-3)
        self.assertEqual(self.tick(), [])
        self.assertIsNone(self.status(job_id))
        self.assertGreater(self.last_execution(), now)
        reported = self.reported()
        self.assertEqual([run["outcome"] for run in reported["runs"]], ["skipped"])
        self.assertIsNone(reported["success_rate"])
        entry = console().actions.audit()["entries"][0]
        logged = (entry["action"], entry["actor"], entry["job_id"])
        self.assertEqual(logged, ("skip_missed", f"policy {NOTHING}", job_id))
        self.assertEqual(self.tick(), [], "and the next tick has nothing to do")

    def test_run_all_one_at_a_tick(self) -> None:
        minute = (now_datetime().minute + 15) % 30  # none becomes due meanwhile
        job_id = self.policed(NOTHING, catch_up="Run All", cron=f"{minute},{minute + 30} * * * *")
        self.ran(self.name, hours=-3)
        self.start(WORKS)
        runs = 0
        while self.tick():
            self.wait(lambda: self.status(job_id) in ("finished", None))
            runs += 1
            if runs == 1:
                self.assertEqual(self.reported()["owed"], 5)
                self.assertEqual(console().actions.audit()["entries"][0]["action"], "catch_up")
        self.assertEqual(runs, 6)
        self.assertEqual((self.reported()["owed"], self.reported()["succeeded"]), (0, 6))


class TestOverlap(PolicedTestCase):
    """A run is on its way, and its next time has come."""

    def test_skip(self) -> None:
        job_id = self.policed(LASTS, overlap="Skip")
        self.running(job_id)
        self.assertEqual(self.tick(), [])
        self.assertGreater(self.last_execution(), add_to_date(now_datetime(), minutes=-1))
        self.assertEqual([run["outcome"] for run in self.reported()["runs"]], ["skipped"])
        self.redis.hset(keys.job(job_id), "status", "finished")
        self.assertEqual(self.tick(), [], "it is not made up for")

    def test_queue_one(self) -> None:
        job_id = self.policed(LASTS, overlap="Queue One")
        self.running(job_id)
        for _tick in range(2):
            self.assertEqual(self.tick(), [])
            self.ran(self.name, hours=-2)
        self.assertEqual(self.tick(), [])
        self.assertEqual(self.reported()["owed"], 1)
        console().actions.run("stop", [job_id])
        self.wait(lambda: self.status(job_id) == "stopped")
        self.assertEqual(self.tick(), [LASTS])
        self.assertIn(self.status(job_id), ("queued", "started"))
        self.assertEqual(self.reported()["owed"], 0)

    def test_allow(self) -> None:
        job_id = self.policed(LASTS, overlap="Allow")
        self.running(job_id)
        self.assertEqual(self.tick(), [LASTS])
        second = self.ids[1]
        self.assertEqual([self.status(each) for each in self.ids], ["started", "queued", None, None])
        self.ran(self.name, hours=-2)
        self.assertEqual(self.tick(), [], "one waits already")
        self.redis.hset(keys.job(job_id), "status", "finished")  # the older one has ended
        self.assertEqual((self.reported()["job_status"], self.known().ready_since), ("queued", None))
        (refused,) = actions.act("run_schedule", [job_id], "")["results"]
        self.assertEqual((refused["ok"], refused["reason"]), (False, "A run of it waits or runs already."))
        self.redis.hset(keys.job(job_id), "status", "started")
        self.to_front(second)
        self.start(WORKS)
        self.wait(lambda: self.status(second) == "started")
        self.assertEqual(self.reported()["job_status"], "started")
        console().actions.run("stop", [second])

    def test_cancel_the_older(self) -> None:
        job_id = self.policed(LASTS, overlap="Cancel the Older")
        self.running(job_id)
        self.assertEqual(self.tick(), [LASTS])
        self.assertEqual(self.status(job_id), "stopped")
        self.assertIn(self.status(self.ids[1]), ("queued", "started"))
        done = console().actions.audit()["entries"][0]
        reported = (done["action"], done["actor"], done["reason"])
        self.assertEqual(reported, ("stop", f"policy {LASTS}", "The next run is due."))
        self.assertIn("killed", [run["outcome"] for run in self.reported()["runs"]])


class TestWithoutOne(PolicedTestCase):
    def test_frappes_own_way_is_gone(self) -> None:
        name = self.entry(NOTHING, "0 * * * *")
        self.assertEqual(self.tick(), [NOTHING])
        self.assertEqual(self.tick(), [], "one waits")
        self.assertEqual(self.status(self.job_id(name)), "queued")

    def test_it_knows_who_ticks(self) -> None:
        self.entry(NOTHING, "0 * * * *")
        scheduled_run._ticked.clear()  # another test of this process has ticked a moment ago
        self.tick()
        self.assertEqual(self.reporting_site()["tickers"], [], "one tick is no scheduler")
        self.assertIsNotNone(self.reporting_site()["ticked_at"])
        (mine,) = self.redis.hgetall(keys.tickers(frappe.local.site))
        now = self.redis.time()[0]
        for who in (mine, "elsewhere (process 7)"):
            self.redis.hset(keys.tickers(frappe.local.site), who, f"{now - 3600},{now}")
        (warning,) = self.warnings("scheduler_down")
        self.assertIn("elsewhere (process 7)", warning["message"])
        self.redis.hdel(keys.tickers(frappe.local.site), "elsewhere (process 7)")
        self.assertEqual(self.warnings("scheduler_down", until=lambda found: not found), [])

    def test_a_tick_by_hand_is_no_scheduler_and_leaves_the_request_its_transaction(self) -> None:
        job_id = self.policed(NOTHING, catch_up="Skip", cron="0 3 1 1 *")
        self.ran(self.name, days=-400)
        frappe.local.request = frappe._dict()
        self.addCleanup(delattr, frappe.local, "request")
        scheduled_run._ticked.clear()
        self.assertEqual(self.tick_uncommitted(), [])
        self.assertEqual(self.redis.hgetall(keys.tickers(frappe.local.site)), {})
        frappe.db.rollback()
        self.assertLess(self.last_execution(), add_to_date(now_datetime(), days=-399))
        self.assertIsNone(self.status(job_id))

    def tick_uncommitted(self) -> list[str]:
        return [self.name] if frappe.get_doc(RECORD, self.name).enqueue() else []

    def reporting_site(self) -> dict:
        self.look()
        return next(each for each in console().schedules.all()["schedules"] if each["site"] == frappe.local.site)
