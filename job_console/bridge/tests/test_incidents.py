"""A site's incidents on a real bench: they open while no worker is alive, people are told, they end by themselves."""

import json
import subprocess
import time
from datetime import datetime, timedelta, timezone

import frappe
from frappe.model.base_document import get_controller
from frappe.utils import get_bench_path, now_datetime
from frappe.utils.background_jobs import generate_qname

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.sweep import incidents, webhook
from job_console.bridge.tests import schedule_testing
from job_console.bridge.tests.testing import (
    CLERK,
    MANAGER,
    OTHER_SITE,
    SiteTestCase,
    forget_incidents,
    others_incidents,
)
from job_console.bridge.ticks import scheduled_run
from job_console.engine.redis import keys
from job_console.engine.watch import limits as watch_limits

ADD = "job_console.bridge.tests.testing.add"
INCIDENT = "Job Incident"


class IncidentTestCase(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.others = others_incidents()
        forget_incidents(but=self.others)
        frappe.db.set_single_value("Job Console Settings", {"notify": 1, "notify_severity": "Warning"})
        frappe.db.commit()
        for key in self.redis.scan_iter(keys.OURS + "sweep*", count=1000):
            self.redis.delete(key)
        engine().watch.forget()

    def tearDown(self) -> None:
        frappe.set_user("Administrator")
        forget_incidents(but=self.others)
        super().tearDown()

    def ghost(self, **more) -> str:
        """A record that says queued, of an hour ago, in no list: as a worker leaves it that dies too early."""
        job_id = self.enqueue(ADD, one=1, other=2, **more)
        self.redis.lrem(f"rq:queue:{generate_qname('short')}", 0, job_id)
        long_ago = (datetime.now(timezone.utc) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.redis.hset(keys.job(job_id), mapping={"enqueued_at": long_ago, "created_at": long_ago})
        return job_id

    def sweep(self, times: int = 1) -> None:
        for _ in range(times):
            incidents.write_down(engine(), engine().watch.look_twice(5))

    def due(self) -> None:
        """It is time to sweep again."""
        prefix = engine().watch.queue_prefix
        self.redis.delete(keys.sweep_lease(prefix, f"incidents@{frappe.local.site}"))
        self.redis.delete(keys.own("job_sweeps", frappe.local.site))

    def open(self) -> list:
        new = {"status": ("!=", "Resolved"), "name": ("not in", ["", *self.others.split(",")])}
        return frappe.get_all(INCIDENT, filters=new, fields=["*"])

    def ours(self, code: str) -> list:
        """About the tests' own job: the site may have a ghost of its own."""
        return [row for row in self.open() if (row.code, row.method) == (code, ADD)]

    def the_one(self, code: str):
        (one,) = self.ours(code)
        return one

    def notifications(self, name: str) -> int:
        return frappe.db.count("Notification Log", {"document_type": INCIDENT, "document_name": name})


class TestIncidents(IncidentTestCase):
    def test_a_ghost_is_written_down_once_and_everybody_is_notified_once(self) -> None:
        job_id = self.ghost()
        self.sweep(2)
        incident = self.the_one("ghost_queued")
        self.assertEqual((incident.job_id, incident.method, incident.queue), (job_id, ADD, "short"))
        self.assertEqual((incident.status, incident.severity, incident.jobs), ("Open", "Critical", 1))
        self.assertEqual(json.loads(incident.evidence)["method"], ADD)
        reported = {"document_type": INCIDENT, "document_name": incident.name}
        users = frappe.get_all("Notification Log", filters=reported, pluck="for_user")
        self.assertIn(MANAGER, users)
        self.assertIn("Administrator", users)
        self.assertNotIn(CLERK, users)
        self.assertEqual(len(users), len(set(users)))
        by = frappe.get_all("Notification Log", filters=reported, fields=["owner", "from_user", "subject"])
        self.assertEqual({(row.owner, row.from_user) for row in by}, {("Administrator", "Administrator")})
        self.assertEqual({row.subject.startswith("<b>Job Console</b>: ") for row in by}, {True})

    def test_many_jobs_of_one_cause_are_one(self) -> None:
        for _ in range(5):
            self.ghost()
        self.sweep()
        self.assertEqual(self.the_one("ghost_queued").jobs, 5)

    def test_it_ends_by_itself_and_says_how(self) -> None:
        job_id = self.ghost()
        self.sweep()
        name = self.the_one("ghost_queued").name
        api.act("requeue", [job_id], reason="next run is due")
        self.sweep()
        self.assertEqual(self.the_one("ghost_queued").name, name, "one look without it is not its end")
        before = now_datetime() - timedelta(seconds=watch_limits.INCIDENT_CALM_S)
        frappe.db.set_value(INCIDENT, name, {"last_seen": before, "opened": before}, update_modified=False)
        self.sweep()
        incident = frappe.get_doc(INCIDENT, name)
        self.assertEqual(incident.status, "Resolved")
        self.assertIn(f"requeue, by {MANAGER}: next run is due", incident.how)
        self.assertIsNone(incident.open_cause)

    def test_what_comes_back_soon_is_the_same_and_nobody_is_notified_again(self) -> None:
        self.ghost()
        self.sweep()
        name = self.the_one("ghost_queued").name
        ended = {"status": "Resolved", "resolved": now_datetime() - timedelta(seconds=60), "open_cause": None}
        frappe.db.set_value(INCIDENT, name, ended)
        reported = self.notifications(name)
        self.sweep()
        self.assertEqual(self.the_one("ghost_queued").name, name)
        self.assertEqual(self.notifications(name), reported)

    def test_what_comes_back_as_critical_is_reported(self) -> None:
        self.ghost()
        self.sweep()
        name = self.the_one("ghost_queued").name
        ended = {"status": "Resolved", "resolved": now_datetime() - timedelta(seconds=60), "open_cause": None}
        frappe.db.set_value(INCIDENT, name, {**ended, "severity": "Warning"})
        mine = {"for_user": MANAGER, "document_name": name}
        frappe.db.set_value("Notification Log", mine, "read", 1)
        self.sweep()
        self.assertEqual((self.the_one("ghost_queued").name, self.the_one("ghost_queued").severity), (name, "Critical"))
        again = frappe.get_all("Notification Log", mine, pluck="read")
        self.assertEqual(again, [0], "one cause, one notification; it is a new one, that nobody has read")

    def test_another_sites_ghost_is_not_ours(self) -> None:
        job_id = self.enqueue_elsewhere("their.secret.method")
        self.redis.lrem(f"rq:queue:{generate_qname('short')}", 0, job_id)
        long_ago = (datetime.now(timezone.utc) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.redis.hset(keys.job(job_id), mapping={"enqueued_at": long_ago, "created_at": long_ago})
        self.sweep(2)
        self.assertNotIn("their.secret", frappe.as_json(self.open()))
        self.assertNotIn(OTHER_SITE, frappe.as_json(self.open()))

    def test_nothing_new_writes_nothing(self) -> None:
        self.ghost()
        self.sweep()
        before = frappe.get_all(INCIDENT, fields=["*"])
        self.sweep(2)
        self.assertEqual(frappe.get_all(INCIDENT, fields=["*"]), before)

    def test_people_can_choose_not_to_be_notified(self) -> None:
        for settings in ({"notify": 0}, {"notify": 1, "notify_severity": "Critical"}):
            with self.subTest(**settings):
                forget_incidents(but=self.others)
                frappe.db.set_single_value("Job Console Settings", settings)
                self.ghost()
                self.sweep()
                reported = self.notifications(self.the_one("ghost_queued").name)
                self.assertEqual(bool(reported), bool(settings["notify"]))

    def test_it_is_acknowledged_by_managers_only(self) -> None:
        self.ghost()
        self.sweep()
        name = self.the_one("ghost_queued").name
        with self.user(CLERK), self.assertRaises(frappe.PermissionError):
            api.acknowledge(name)
        api.acknowledge(name)
        self.assertEqual(self.the_one("ghost_queued").acknowledged_by, MANAGER)
        with self.assertRaises(frappe.ValidationError):
            api.acknowledge(name)
        shown = next(row for row in api.open_incidents()["incidents"] if row["name"] == name)
        self.assertTrue(shown["opened"].endswith("Z"))

    def test_nobody_makes_one_by_hand(self) -> None:
        with self.assertRaises(frappe.PermissionError):
            frappe.get_doc({"doctype": INCIDENT, "message": "mine"}).insert()

    def test_old_ones_are_cleared_and_open_ones_stay(self) -> None:
        self.ghost()
        self.sweep()
        old = now_datetime() - timedelta(days=91)
        ended = frappe.get_doc({"doctype": INCIDENT, "status": "Resolved", "resolved": old, "message": "old"})
        ended.insert(ignore_permissions=True)
        get_controller(INCIDENT).clear_old_logs(days=90)
        self.assertFalse(frappe.db.exists(INCIDENT, ended.name))
        self.assertTrue(self.the_one("ghost_queued"))


class TestWhoSweeps(IncidentTestCase):
    def test_an_open_desk_sees_it_although_no_worker_is_alive(self) -> None:
        self.ghost()
        deadline = time.monotonic() + 90
        while not self.ours("ghost_queued"):
            self.assertLess(time.monotonic(), deadline, "no incident opened")
            time.sleep(0.2)
            answer = api.pulse()
        self.assertTrue(answer["reachable"])
        self.assertGreaterEqual(answer["critical"], 1)
        told = {"for_user": MANAGER, "document_name": self.the_one("ghost_queued").name}
        self.assertTrue(frappe.db.exists("Notification Log", told))

    def test_the_watcher_sees_it_while_the_only_worker_hangs(self) -> None:
        self.ghost()
        frappe.db.commit()
        command = ["bench", "job-console-watch", "--once"]
        subprocess.run(command, cwd=get_bench_path(), check=True, capture_output=True, timeout=120)
        frappe.db.commit()  # see what others wrote
        self.assertEqual(self.the_one("ghost_queued").status, "Open")
        told = {"for_user": MANAGER, "document_name": self.the_one("ghost_queued").name}
        self.assertTrue(frappe.db.exists("Notification Log", told))

    def test_a_job_that_ends_sweeps(self) -> None:
        self.due()
        self.enqueue(ADD, one=1, other=2)
        frappe.db.commit()
        self.work()
        record = json.loads(self.redis.hget(keys.sweep(engine().watch.queue_prefix), f"incidents@{frappe.local.site}"))
        self.assertEqual(record["error"], "")

    def test_the_schedulers_tick_sweeps_although_no_worker_is_alive(self) -> None:
        self.ghost()
        self.addCleanup(schedule_testing.remove_entry)
        with self.user("Administrator"):
            name = schedule_testing.make_entry()  # not due: nothing is enqueued
        deadline = time.monotonic() + 90
        while not self.ours("ghost_queued"):
            self.assertLess(time.monotonic(), deadline, "no incident opened")
            scheduled_run._ticked.clear()  # the next tick
            frappe.get_doc("Scheduled Job Type", name).enqueue()
            time.sleep(0.2)

    def test_records_to_switch_on_are_there_and_off(self) -> None:
        self.assertEqual(frappe.db.get_value("Notification", "Job Incident Opened", "enabled"), 0)
        webhook.remove()
        webhook.make()
        self.assertEqual(frappe.db.get_value("Webhook", webhook.WEBHOOK, "enabled"), 0)
