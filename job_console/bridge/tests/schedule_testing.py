"""What tests about schedules share: entries of our own, ticks of Frappe's scheduler, and processes that die on cue."""

import inspect
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import frappe
import psutil
from frappe.core.doctype.activity_log.activity_log import add_authentication_log
from frappe.utils import get_bench_path, scheduler
from frappe.utils.background_jobs import create_job_id, generate_qname, get_redis_conn
from frappe.utils.scheduler import enqueue_events

from job_console.bridge.access import console
from job_console.bridge.connection import engine
from job_console.bridge.schedule import schedule
from job_console.bridge.tests.testing import MANAGER, SiteTestCase, delete_job
from job_console.engine.redis import keys

RECORD = schedule.RECORD
LONG_AGO = "2026-01-01 00:00:00"

#: A worker of Frappe's on two queues that is killed when it has taken a job and not yet started it.
DIES_IN_THE_GAP = """
import os, signal
from rq.worker import Worker
Worker.execute_job = lambda self, job, queue: os.kill(os.getpid(), signal.SIGKILL)
from frappe.utils.background_jobs import start_worker
start_worker(queue="short,default", burst=True)
"""
#: One that works until it is killed.
WORKS = """
from frappe.utils.background_jobs import start_worker
start_worker(queue="short,default")
"""
#: Frappe's scheduler, ticking every second for nobody.
TICKS = """
from frappe.utils import scheduler
scheduler.get_scheduler_tick = lambda: 1
scheduler.enqueue_events_for_all_sites = lambda: print("ticked", flush=True)
scheduler.start_scheduler()
"""
#: Frappe's scheduler of another host, which its lock on a file does not see: it comes by for every site of the bench.
COMES_BY = """
import time
from frappe.utils import scheduler
from job_console.bridge.ticks import scheduled_run
scheduled_run.gethostname = lambda: "HOST"
scheduled_run.get_scheduler_tick = lambda: 1
while True:
    scheduler.enqueue_events_for_all_sites()
    time.sleep(1)
"""


class ScheduleTestCase(SiteTestCase):
    """The site's scheduler is on, which Frappe's runner switches off; and no other entry of the site is due."""

    def setUp(self) -> None:
        super().setUp()
        frappe.set_user("Administrator")
        others = frappe.get_all(RECORD, fields=["name", "stopped", "last_execution"], limit_page_length=0)
        for other in others:  # a run that was enqueued lately is a sign of a tick
            delete_job(self.redis, self.job_id(other.name))
        self._set(others, stopped=1, last_execution=LONG_AGO)
        self.addCleanup(self._set, others)
        self.addCleanup(self.switch, frappe.db.get_single_value("System Settings", "enable_scheduler"))
        self.switch(1)
        # Frappe 15 keeps the schedule of a site that nobody uses to once a day.
        add_authentication_log("Somebody works here", MANAGER)
        frappe.db.commit()
        self.forget_activity()
        frappe.set_user(MANAGER)
        schedule.withdraw()
        engine().watch.forget()

    def entry(self, method: str = "job_console.bridge.tests.testing.nothing", cron: str = "* * * * *", **fields) -> str:
        """A Scheduled Job Type of our own, due since long."""
        record = frappe.get_doc(
            {"doctype": RECORD, "method": method, "frequency": "Cron", "cron_format": cron, **fields}
        )
        record.insert(ignore_permissions=True)
        record.db_set("last_execution", LONG_AGO, update_modified=False)
        frappe.db.commit()
        self.addCleanup(self._remove, record.name)
        self.made.append(self.job_id(record.name))
        # Frappe 15 gives it the id that it had in an earlier test, too.
        self.redis.hdel(keys.schedule_runs(frappe.local.site), self.made[-1])
        return record.name

    def job_id(self, name: str) -> str:
        return create_job_id(frappe.get_doc(RECORD, name).rq_job_id)

    def tick(self) -> list[str]:
        """What Frappe's scheduler enqueues for this site when it comes by."""
        with self.user("Administrator"):
            site = {"site": frappe.local.site} if "site" in inspect.signature(enqueue_events).parameters else {}
            found = enqueue_events(**site)
        frappe.db.commit()
        return found

    @staticmethod
    def switch(on: int) -> None:
        """The site's scheduler."""
        frappe.db.set_single_value("System Settings", "enable_scheduler", on)
        frappe.db.commit()

    @staticmethod
    def forget_activity() -> None:
        """Whether somebody uses the site is found out anew: Frappe remembers it for an hour."""
        for asked in (scheduler.schedule_jobs_based_on_activity, scheduler.is_dormant):
            if hasattr(asked, "clear_cache"):
                asked.clear_cache()

    def to_front(self, job_id: str, queue: str = "default") -> None:
        """Before what others left waiting there."""
        key = f"rq:queue:{generate_qname(queue)}"
        self.redis.lrem(key, 0, job_id)
        self.redis.lpush(key, job_id)

    def look(self) -> None:
        """The next answer knows all that is true now."""
        schedule.refresh(now=True)
        engine().watch.forget()

    def warnings(self, *codes: str, until: Callable[[list], bool] = bool) -> list[dict]:
        """Those of these codes, as soon as they are as wanted."""
        found: list[dict] = []

        def as_wanted() -> bool:
            self.look()
            found[:] = [warning for warning in console().warnings.all()["warnings"] if warning["code"] in codes]
            return until(found)

        self.wait(as_wanted)
        return found

    def start(self, code: str) -> subprocess.Popen:
        """A process of the bench; killed after the test."""
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=Path(get_bench_path()) / "sites",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process: subprocess.Popen) -> None:
        """And the job that a worker is at: one that goes on would tell of itself in the middle of the next test."""
        process.send_signal(signal.SIGSTOP)  # it starts no other one meanwhile
        horses = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        for each in (process, *horses):
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait()
        psutil.wait_procs(horses)
        process.stdout.close()

    @staticmethod
    def _set(records: list[frappe._dict], **instead) -> None:
        for record in records:
            frappe.db.set_value(RECORD, record.name, {**record, **instead}, update_modified=False)
        frappe.db.commit()

    @staticmethod
    def _remove(name: str) -> None:
        frappe.set_user("Administrator")
        frappe.db.commit()  # a worker may have written since this connection last read (SQLite then refuses to write)
        # A record whose date never comes cannot be deleted: Frappe works out its next run on the way.
        frappe.db.set_value(RECORD, name, "cron_format", "0 0 * * *")
        frappe.delete_doc(RECORD, name, force=True, ignore_missing=True)
        frappe.db.commit()


# For tests that drive the desk from outside, by `bench execute`.


def make_entry() -> str:
    """A schedule that is not due for a long time; its name."""
    remove_entry()
    record = {"doctype": RECORD, "method": "job_console.bridge.tests.testing.nothing", "frequency": "Cron"}
    name = frappe.get_doc({**record, "cron_format": "0 3 1 1 *"}).insert(ignore_permissions=True).name
    frappe.db.commit()
    schedule.refresh(now=True)
    return name


def remove_entry() -> None:
    """And what people chose for it, and its run."""
    method = "job_console.bridge.tests.testing.nothing"
    for name in frappe.get_all(RECORD, filters={"method": method}, pluck="name"):
        delete_job(get_redis_conn(), create_job_id(frappe.get_doc(RECORD, name).rq_job_id))
    frappe.db.delete(RECORD, {"method": method})
    frappe.db.delete("Moved Schedule", {"method": method})
    frappe.db.commit()
    schedule.refresh(now=True)
