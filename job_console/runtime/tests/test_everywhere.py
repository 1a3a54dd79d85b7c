"""A policy is obeyed on every way on which a job is made, by Frappe itself and by real workers."""

from collections.abc import Iterator
from unittest.mock import patch

import frappe
from frappe.utils.background_jobs import generate_qname, get_queue

import job_console
from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.tests.policies_testing import ADD
from job_console.bridge.tests.schedule_testing import ScheduleTestCase
from job_console.engine.policies import obedience
from job_console.engine.redis import keys
from job_console.engine.watch.retry_duty import retry
from job_console.runtime.enqueue import everywhere

from .everywhere_testing import TASK, EverywhereTestCase, Way, task, ways

UNTIL = "job_console.bridge.tests.testing.until"
GO = "job_console_test:go"


class TestWays(ScheduleTestCase, EverywhereTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.todo = frappe.get_doc({"doctype": "ToDo", "description": "everywhere"}).insert(ignore_permissions=True)
        self.schedule = self.entry("job_console.bridge.tests.testing.nothing", "0 0 1 1 *")
        frappe.db.commit()
        self.addCleanup(self.forget_todo)

    def forget_todo(self) -> None:
        frappe.db.rollback()
        frappe.delete_doc("ToDo", self.todo.name, force=True, ignore_permissions=True)
        frappe.db.commit()

    def each(self, **policy) -> Iterator[Way]:
        for way in ways(self.todo, self.schedule):
            with self.subTest(path=way.path, **way.target):
                self.make(**way.target, **policy)
                yield way

    def enqueued(self, way: Way) -> str:
        job_id = way.make()
        self.made.append(job_id)
        return job_id

    def test_lane_and_timeout(self) -> None:
        for way in self.each(queue="long", timeout=700):
            self.assertEqual(self.record(self.enqueued(way)), ("long", 700))

    def test_without_a_policy_nothing_changes(self) -> None:
        for way in ways(self.todo, self.schedule):
            lane, timeout = self.record(self.enqueued(way))
            self.assertIn(lane, ("short", "default"))
            self.assertIn(timeout, (300, 180, 55))

    def test_unique_key(self) -> None:
        """Held by one job of whatever way, it keeps all others from being made; who enqueues gets that one."""
        for way in self.each(unique_key="bed"):
            holder = (
                job_console.enqueue(ADD, queue="short", job_id="everywhere-holder")
                if way.path != "frappe.enqueue"
                else None
            )
            first = holder.id if holder else self.enqueued(way)
            self.made.append(first)
            waiting = self.redis.llen(f"rq:queue:{generate_qname('short')}")
            second = way.make()
            self.assertEqual(self.redis.llen(f"rq:queue:{generate_qname('short')}"), waiting)
            if way.path == "scheduler":
                self.assertIsNone(self.status(second))
            else:
                self.assertEqual(second, first)
            self.forget_keys()
            self.drop(first)

    def drop(self, job_id: str) -> None:
        get_queue("short").remove(job_id)
        self.redis.delete(keys.job(job_id))

    def test_lock_and_attempts(self) -> None:
        """The lock cannot be had, so each fails; and is to be tried again."""
        jobs = {}
        for way in self.each(
            lock_key="bed", lock_wait=0.1, attempts=2, backoff="List of Delays", delays="1h", queue="short"
        ):
            jobs[way.path] = self.enqueued(way)
        with job_console.lock("bed", wait=0, until="exit"):
            self.work()
        engine().watch.forget()
        for path, job_id in jobs.items():
            with self.subTest(path=path):
                if path == "rq":
                    self.assertEqual(self.status(job_id), "finished", "nothing of Frappe runs in it: the form says so")
                    continue
                shown = api.show(job_id)
                self.assertEqual((shown["status"], shown["tries"]["of"]), ("scheduled", 2))
                self.assertIn("LockTimeout", frappe.as_json(shown))

    def test_an_action_that_fails_has_failed(self) -> None:
        """Frappe catches it, and RQ takes it for well."""
        self.make(method="ToDo.get_valid_dict", attempts=2, backoff="List of Delays", delays="1h", jitter=0)
        job = self.todo.queue_action("get_valid_dict", nosuch=1, queue="short", enqueue_after_commit=False)
        self.made.append(job.id)
        self.work()
        engine().watch.forget()
        self.assertEqual((self.status(job.id), api.show(job.id)["tries"]["of"]), ("finished", 2))
        self.assertIn("its work failed", " ".join(api.explain(job.id)["because"]).lower())
        self.assertIsNotNone(self.redis.zscore(keys.RETRIES, job.id))

    def test_what_runs_without_frappe_is_tried_again_by_the_next_sweep(self) -> None:
        fail = "job_console.bridge.tests.testing.fail"
        self.make(method=fail, attempts=2, backoff="List of Delays", delays="1h", jitter=0)
        job_id = get_queue("short").enqueue_call(fail).id
        self.made.append(job_id)
        self.work()
        self.assertEqual(self.status(job_id), "failed")
        engine().watch.forget()
        retry(engine(), engine().watch.look())
        self.assertEqual(api.show(job_id)["tries"]["of"], 2)
        self.assertIsNotNone(self.redis.zscore(keys.RETRIES, job_id))

    def test_most_runs_at_once(self) -> None:
        place = {"max_runs": 1, "runs_per": "Key", "runs_key": "bed"}
        self.make(method=UNTIL, **place)
        jobs = {way.path: self.enqueued(way) for way in self.each(queue="long", **place)}
        self.addCleanup(self.redis.delete, GO)
        runs = self.enqueue(UNTIL, key=GO)
        with self.working():
            self.wait(lambda: self.status(runs) == "started")
            self.work("long")
            for path, job_id in jobs.items():
                with self.subTest(path=path):
                    self.assertEqual(self.status(job_id), "finished" if path == "rq" else "scheduled")
            self.redis.set(GO, 1)

    def test_the_form_says_which_path_obeyed(self) -> None:
        counted = {"title": frappe.generate_hash()}  # what was counted for others is under their names
        doc = self.make(match_by="Pattern", pattern="*", **counted, queue="short", lock_key="{*}", attempts=2)
        for way in ways(self.todo, self.schedule):
            self.enqueued(way)
        self.made.append(job_console.enqueue(ADD, one=1, other=2).id)
        with patch.dict(frappe.conf, {everywhere.SWITCH: 0}):
            self.enqueued(Way("frappe.enqueue", {}, lambda: self.plain(queue="default")))
        self.work()
        self.work("default")
        engine().watch.forget()
        paths = {each["path"]: each for each in api.try_policy(frappe.as_json(doc.as_dict()))["paths"]}
        self.assertEqual(set(paths), set(obedience.PATHS) - {"background_task"})
        # The one that the switch left to itself; jobs that waited already when the policy came may be more.
        self.assertIn("queue", [each["field"] for each in paths["frappe.enqueue"]["missed"]])
        self.assertGreaterEqual(paths["frappe.enqueue"]["jobs"], 3)
        for path, missed in {"enqueue_doc": [], "scheduler": [], "server_script": [], "job_console.enqueue": [],
                             "queue_action": [], "rq": ["lock"]}.items():  # fmt: skip
            with self.subTest(path=path):
                jobs = paths[path]["jobs"]
                by_all = [each for each in paths[path]["missed"] if each["jobs"] == jobs]
                self.assertEqual([each["field"] for each in by_all], missed)
                self.assertTrue(all(each["why"] for each in by_all))


class TestTasks(EverywhereTestCase):
    def test_a_background_task_has_the_policy_of_its_method(self) -> None:
        """Frappe 17's; its record would wait for ever if it were refused."""
        self.make(method=ADD, queue="long", timeout=700, unique_key="{one}")
        jobs = [task(ADD, one=1, other=2) for _ in range(2)]
        self.made += jobs
        self.assertEqual([self.record(job_id) for job_id in jobs], [("long", 700)] * 2)
        shown = api.show(jobs[0])
        self.assertEqual((shown["method"], shown["arguments"]), (ADD, {"one": 1, "other": 2}))
        self.assertEqual(obedience.path_of(TASK), "background_task")
