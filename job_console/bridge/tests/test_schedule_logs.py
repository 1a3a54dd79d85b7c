"""Logs of runs that never ended."""

from datetime import datetime, timedelta, timezone

import frappe
from frappe.utils import add_to_date, now_datetime

from job_console.bridge.access import console
from job_console.bridge.connection import engine
from job_console.bridge.schedule import logs
from job_console.bridge.schedule.logs import LOG, Open, over
from job_console.bridge.tests.schedule_testing import WORKS, ScheduleTestCase
from job_console.bridge.tests.testing import SiteTestCase, delete_job
from job_console.engine.models.jobs import Call, Job

AT = datetime(2026, 1, 1, tzinfo=timezone.utc)


def job(status: str, started_at: datetime | None = AT) -> Job:
    return Job("x", "short", status, Call("shop.sync", "shop.sync", "scheduled"), started_at=started_at)


#: Of a run that began at `AT`; and a run that began when it was long under way.
LOG_OF_IT, LATER = Open("log", "x", AT + timedelta(seconds=1)), job("started", AT + timedelta(hours=1))


class TestOver(SiteTestCase):
    """Whether a run is over, of which the log says that it began."""

    def test_it_is_not_while_it_runs(self) -> None:
        for outlasted in (AT, AT + timedelta(days=1)):
            self.assertFalse(over(LOG_OF_IT, [job("started")], outlasted))
            self.assertFalse(over(LOG_OF_IT, [job("started", None)], outlasted))
            self.assertFalse(over(LOG_OF_IT, [job("started", AT + timedelta(seconds=3))], outlasted), "clocks differ")
            self.assertFalse(over(LOG_OF_IT, [LATER, job("started")], outlasted), "a run beside another has written it")

    def test_it_is_when_its_record_says_so(self) -> None:
        for status in ("finished", "failed", "stopped", "queued"):
            self.assertTrue(over(LOG_OF_IT, [job(status)], AT), status)
        self.assertTrue(over(LOG_OF_IT, [job("failed"), LATER], AT))

    def test_what_has_no_record_may_run_for_as_long_as_a_job_may(self) -> None:
        """In the process of `bench trigger-scheduler-event`, while the scheduler's own runs come and go."""
        for runs in ([job("vanished", None)], [LATER], [job("finished", AT - timedelta(hours=1)), LATER]):
            self.assertFalse(over(LOG_OF_IT, runs, AT))
            self.assertTrue(over(LOG_OF_IT, runs, AT + timedelta(days=1)))


class TestLogs(ScheduleTestCase):
    def log(self, name: str) -> dict:
        frappe.db.rollback()
        return frappe.db.get_value(LOG, {"scheduled_job_type": name}, ["name", "status", "details"], as_dict=True)

    def close(self) -> None:
        frappe.db.rollback()
        logs.close(engine(), engine().watch.look())

    def age(self, log: str, **ago: int) -> None:
        """Written, not waited for."""
        began = add_to_date(now_datetime(), **(ago or {"minutes": -2}))
        frappe.db.set_value(LOG, log, "creation", began, update_modified=False)
        frappe.db.commit()

    def began_long_ago(self, job_id: str) -> None:
        began = datetime.now(timezone.utc) - timedelta(minutes=2)
        self.redis.hset(f"rq:job:{job_id}", "started_at", began.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))

    def test_a_killed_run_is_closed_and_a_running_one_is_not(self) -> None:
        name = self.entry("job_console.bridge.tests.testing.lasts", create_log=1)
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.db.delete, LOG, {"scheduled_job_type": name})
        job_id = self.job_id(name)
        self.tick()
        self.to_front(job_id)
        self.start(WORKS)
        self.wait(lambda: self.log(name) and self.log(name)["status"] == "Start")
        log = self.log(name)["name"]
        frappe.db.rollback()  # the job may have written since
        self.age(log)
        self.began_long_ago(job_id)
        self.close()
        self.assertEqual(self.log(name)["status"], "Start", "it runs")
        (stopped,) = console().actions.run("stop", [job_id])["results"]
        self.assertTrue(stopped["ok"], stopped)
        self.wait(lambda: self.redis.hget(f"rq:job:{job_id}", "status") == b"stopped")
        self.began_long_ago(job_id)  # its worker has written the record again
        self.close()
        closed = self.log(name)
        self.assertEqual(closed["status"], "Failed")
        self.assertIn("ended without a word", closed["details"])

    def test_a_run_in_a_process_of_its_own_is_left_alone_for_as_long_as_any_may_run(self) -> None:
        """RQ knows nothing of it."""
        name = self.entry(create_log=1)
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.db.delete, LOG, {"scheduled_job_type": name})
        delete_job(self.redis, self.job_id(name))
        log = frappe.get_doc({"doctype": LOG, "scheduled_job_type": name}).insert(ignore_permissions=True)
        log.db_set("status", "Start")  # as Frappe writes it: it is none of the options
        self.age(log.name)
        self.close()
        self.assertEqual(self.log(name)["status"], "Start")
        self.age(log.name, days=-2)
        self.close()
        self.assertEqual(self.log(name)["status"], "Failed")

    def test_a_run_that_ends_meanwhile_keeps_its_own_word(self) -> None:
        name = self.entry(create_log=1)
        log = frappe.get_doc({"doctype": LOG, "scheduled_job_type": name, "status": "Complete"})
        log.insert(ignore_permissions=True)
        frappe.db.commit()
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.db.delete, LOG, {"scheduled_job_type": name})
        logs._close(Open(log.name, self.job_id(name), AT), "too late")
        self.assertEqual(self.log(name)["status"], "Complete")
