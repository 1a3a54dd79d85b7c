"""Logs of runs that never ended."""

from datetime import datetime, timedelta, timezone

import frappe
from frappe.utils import add_to_date, now_datetime

from job_console.bridge import schedule_logs
from job_console.bridge.access import console
from job_console.bridge.connection import engine
from job_console.bridge.schedule_logs import LOG, Open, over
from job_console.bridge.schedule_testing import WORKS, ScheduleTestCase
from job_console.bridge.testing import SiteTestCase
from job_console.engine.models import Call, Job

AT = datetime(2026, 1, 1, tzinfo=timezone.utc)


def job(status: str, started_at: datetime | None = AT) -> Job:
    return Job("x", "short", status, Call("shop.sync", "shop.sync", "scheduled"), started_at=started_at)


class TestOver(SiteTestCase):
    """Whether a run is over, of which the log says that it began."""

    def test_it_is_not_while_it_runs(self) -> None:
        log = Open("log", "x", AT + timedelta(seconds=1))
        self.assertFalse(over(log, [job("started")]))
        self.assertFalse(over(log, [job("started", None)]))
        self.assertFalse(over(log, [job("started", AT + timedelta(seconds=3))]), "clocks differ")

    def test_it_is_when_its_record_says_so_or_a_later_one_runs(self) -> None:
        log = Open("log", "x", AT + timedelta(seconds=1))
        for status in ("finished", "failed", "queued", "vanished"):
            self.assertTrue(over(log, [job(status)]), status)
        later = job("started", AT + timedelta(hours=1))
        self.assertTrue(over(log, [later]))
        self.assertTrue(over(log, [job("failed"), later]))
        self.assertFalse(over(log, [later, job("started")]), "a run beside another has written it")


class TestLogs(ScheduleTestCase):
    def log(self, name: str) -> dict:
        frappe.db.rollback()
        return frappe.db.get_value(LOG, {"scheduled_job_type": name}, ["name", "status", "details"], as_dict=True)

    def close(self) -> None:
        frappe.db.rollback()
        schedule_logs.close(engine(), engine().watch.look())

    def age(self, log: str) -> None:
        """Written, not waited for."""
        frappe.db.set_value(LOG, log, "creation", add_to_date(now_datetime(), minutes=-2), update_modified=False)
        frappe.db.commit()

    def test_a_killed_run_is_closed_and_a_running_one_is_not(self) -> None:
        name = self.entry("job_console.bridge.testing.lasts", create_log=1)
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.db.delete, LOG, {"scheduled_job_type": name})
        job_id = self.job_id(name)
        self.tick()
        self.to_front(job_id)
        self.start(WORKS)
        self.wait(lambda: self.log(name) and self.log(name)["status"] == "Start")
        self.age(self.log(name)["name"])
        began = datetime.now(timezone.utc) - timedelta(minutes=2)
        self.redis.hset(f"rq:job:{job_id}", "started_at", began.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        self.close()
        self.assertEqual(self.log(name)["status"], "Start", "it runs")
        (stopped,) = console().act("stop", [job_id])["results"]
        self.assertTrue(stopped["ok"], stopped)
        self.close()
        closed = self.log(name)
        self.assertEqual(closed["status"], "Failed")
        self.assertIn("ended without a word", closed["details"])

    def test_a_run_that_ends_meanwhile_keeps_its_own_word(self) -> None:
        name = self.entry(create_log=1)
        log = frappe.get_doc({"doctype": LOG, "scheduled_job_type": name, "status": "Complete"})
        log.insert(ignore_permissions=True)
        frappe.db.commit()
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.db.delete, LOG, {"scheduled_job_type": name})
        schedule_logs._close(Open(log.name, self.job_id(name), AT), "too late")
        self.assertEqual(self.log(name)["status"], "Complete")
