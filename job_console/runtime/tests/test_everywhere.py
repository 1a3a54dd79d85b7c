"""A policy is obeyed on every way on which a job is made, by Frappe itself and by real workers."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import frappe
from frappe.utils import background_jobs, get_bench_path
from frappe.utils.background_jobs import create_job_id, generate_qname, get_queue
from redis.connection import Connection

import job_console
from job_console import api
from job_console.bridge.connection import engine, queue_wall
from job_console.bridge.tests.policies_testing import ADD
from job_console.bridge.tests.schedule_testing import ScheduleTestCase
from job_console.engine.errors import RedisUnavailable
from job_console.engine.policies import obedience
from job_console.engine.redis import keys
from job_console.engine.rq import enqueueing
from job_console.engine.watch.retry_duty import retry
from job_console.runtime.enqueue import at_start, everywhere

from .everywhere_testing import TASK, EverywhereTestCase, Way, task, ways

UNTIL = "job_console.bridge.tests.testing.until"
FROM_A_JOB = "job_console.runtime.tests.everywhere_testing.enqueue_from_a_job"
GO = "job_console_test:go"
#: A process of a web server that bench did not start, before and after its first request.
WEB = """
import sys
from werkzeug.test import Client
from frappe.app import application
from job_console.engine.rq import enqueueing
from job_console.engine.watch.retry_duty import retry
before = enqueueing.installed()
Client(application).get("/api/method/ping", headers={"Host": sys.argv[1], "X-Frappe-Site-Name": sys.argv[1]})
print(before, enqueueing.installed())
"""


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
        told = {each["path"]: each for each in api.try_policy(frappe.as_json(doc.as_dict()))["paths"]}
        self.assertEqual(set(told), set(obedience.PATHS) - {"background_task"})
        # The one that the switch left to itself; Frappe's own jobs that waited already may be more.
        self.assertEqual([each["field"] for each in told["frappe.enqueue"]["missed"]], ["queue"])
        self.assertGreaterEqual(told["frappe.enqueue"]["jobs"], 3)
        for path, missed in {"enqueue_doc": [], "scheduler": [], "server_script": [], "job_console.enqueue": [],
                             "queue_action": [], "rq": ["lock"]}.items():  # fmt: skip
            with self.subTest(path=path):
                self.assertEqual([each["field"] for each in told[path]["missed"]], missed)
                self.assertTrue(all(each["why"] for each in told[path]["missed"]))


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


class TestEdges(EverywhereTestCase):
    def test_one_line_of_configuration_leaves_them_to_themselves(self) -> None:
        self.make(queue="long", timeout=700)
        with patch.dict(frappe.conf, {everywhere.SWITCH: 0}):
            self.assertEqual(self.record(self.plain()), ("short", 300))
        self.assertEqual(self.record(self.plain()), ("long", 700))

    def test_a_job_that_enqueues_another(self) -> None:
        self.make(queue="long", timeout=700)
        parent = self.enqueue(FROM_A_JOB)
        self.work()
        child = api.show(parent)["result"]
        self.made.append(child)
        self.assertEqual(self.record(child), ("long", 700))

    def test_in_another_lane_the_timeout_of_ones_own_was_nobodys_wish(self) -> None:
        self.make(queue="long")
        self.assertEqual(self.record(self.plain()), ("long", 1500))
        self.assertEqual(self.record(self.plain(timeout=77)), ("long", 77))

    def test_a_lane_that_is_gone_or_full_loses_no_job(self) -> None:
        doc = self.make(queue="long")
        with patch("job_console.runtime.enqueue.made.queue_wall", return_value=0):
            self.assertEqual(self.record(self.plain())[0], "short")
        doc.db_set("queue", "a-lane-that-was")
        frappe.get_doc("Job Policy", doc.name).run_method("on_update")
        frappe.db.commit()
        engine().policies.forget(frappe.local.site)
        self.assertEqual(self.record(self.plain())[0], "short")

    def test_what_the_application_put_into_its_job_stays(self) -> None:
        self.make(queue="long")
        job = get_queue("short").enqueue_call(ADD, kwargs={"one": 1, "other": 2}, meta={"of": "mine"}, at_front=True)
        self.made.append(job.id)
        self.assertEqual(job.meta["of"], "mine")
        self.assertEqual((job.origin, job.kwargs), (generate_qname("long"), {"one": 1, "other": 2}))
        self.assertTrue(job.id.startswith(f"{create_job_id('x')[:-1]}"))

    def test_what_runs_at_once_is_no_job(self) -> None:
        self.make(queue="long", unique_key="bed")
        self.assertEqual([frappe.enqueue(ADD, now=True, one=1, other=2) for _ in range(2)], [3, 3])

    def test_a_queue_that_is_not_the_benchs_is_its_owners(self) -> None:
        self.make(queue="long", timeout=700)
        job = background_jobs.Queue("somebody-elses", connection=self.redis).enqueue_call(ADD, timeout=9)
        self.addCleanup(self.redis.srem, keys.QUEUES, "rq:queue:somebody-elses")
        self.addCleanup(job.delete)
        self.assertEqual((job.origin, job.timeout), ("somebody-elses", 9))

    def test_an_action_that_is_refused_leaves_no_document_locked(self) -> None:
        self.make(method="ToDo.add_tag", unique_key="bed")
        todo = frappe.get_doc({"doctype": "ToDo", "description": "locked"}).insert(ignore_permissions=True)
        frappe.db.commit()
        self.addCleanup(frappe.db.commit)
        self.addCleanup(frappe.delete_doc, "ToDo", todo.name, force=True, ignore_permissions=True)
        other = frappe.get_doc({"doctype": "ToDo", "description": "first"}).insert(ignore_permissions=True)
        for doc in (other, todo):
            doc.queue_action("add_tag", tag="x", queue="short")
        frappe.db.commit()
        self.made += [job_id.decode() for job_id in self.redis.lrange(f"rq:queue:{generate_qname('short')}", 0, -1)]
        self.assertTrue(other.is_locked)
        self.assertFalse(todo.is_locked)
        other.unlock()


class TestTrouble(EverywhereTestCase):
    """Never does an enqueueing fail that would have been one without us."""

    def test_when_redis_does_not_answer_for_policies(self) -> None:
        self.make(queue="long")
        with patch("job_console.runtime.enqueue.everywhere.engine", side_effect=RedisUnavailable("down")):
            self.assertEqual(self.record(self.plain())[0], "short")
        self.redis.delete(keys.HOOK_FAILURES)

    def test_when_the_key_cannot_be_taken(self) -> None:
        self.make(unique_key="bed")
        for error in (RedisUnavailable("down"), ValueError("a mistake of ours")):
            with self.subTest(error=error), patch("job_console.engine.policies.unique.claim", side_effect=error):
                self.assertEqual(self.status(self.plain()), "queued")

    def test_when_we_fail_ourselves_it_is_counted(self) -> None:
        self.make(queue="long")
        with patch("job_console.runtime.enqueue.everywhere.Made", side_effect=ZeroDivisionError):
            self.assertEqual(self.record(self.plain())[0], "short")
        self.assertEqual(self.redis.getdel(keys.HOOK_FAILURES), b"1")

    def test_a_failed_enqueueing_gives_its_key_back_and_says_why(self) -> None:
        self.make(unique_key="bed")
        with (
            patch("rq.Queue.enqueue_job", side_effect=ConnectionError("gone")),
            self.assertRaisesRegex(ConnectionError, "gone"),
        ):
            self.plain()
        self.assertEqual(self.status(self.plain()), "queued")

    def test_a_site_without_the_app_is_not_touched(self) -> None:
        self.make(queue="long")
        with patch("frappe.get_installed_apps", return_value=["frappe"]):
            self.assertEqual(self.record(self.plain())[0], "short")

    def test_nothing_is_asked_of_the_database(self) -> None:
        """It may be down, or lack our tables."""
        self.make(match_by="Pattern", pattern="shop.*", queue="long")
        self.plain()
        with patch.object(frappe.db, "sql", side_effect=AssertionError("asked")):
            self.assertEqual(self.record(self.plain())[0], "short")

    def test_before_our_tables_are_there_frappe_enqueues(self) -> None:
        self.redis.delete(keys.POLICIES, keys.policies(frappe.local.site))
        engine().policies.forget(frappe.local.site)
        with patch.object(frappe.db, "table_exists", return_value=False):
            self.assertEqual(self.record(self.plain())[0], "short")


class TestProcesses(EverywhereTestCase):
    def test_every_process_of_a_bench_has_it(self) -> None:
        self.assertTrue(enqueueing.installed(), "bench's own command line runs the tests")
        sites = Path(get_bench_path()) / "sites"
        command = [sys.executable, "-c", WEB, frappe.local.site]
        said = subprocess.run(command, cwd=sites, capture_output=True, text=True, check=False)
        self.assertEqual(said.stdout.split()[-2:], ["False", "True"], said.stderr)

    def test_frappes_own_signature_is_the_one_that_we_know(self) -> None:
        """Frappe still makes its jobs by RQ's `enqueue_call`, with its wrapper's arguments by name."""
        asked = []
        with self.listening(asked):
            self.plain(timeout=77)
        ((names, wrapper),) = asked
        self.assertLessEqual({"func", "timeout", "kwargs", "job_id"}, names)
        self.assertLessEqual({"site", "user", "method", "event", "job_name", "is_async", "kwargs"}, wrapper)

    @contextmanager
    def listening(self, asked: list) -> Iterator[None]:
        def hear(each: enqueueing.Asked) -> None:
            asked.append((set(each.arguments), set(each.arguments["kwargs"])))

        with patch("job_console.runtime.enqueue.everywhere.decide", hear):
            yield


class TestRoundTrips(EverywhereTestCase):
    def test_a_method_that_no_policy_names_costs_none(self) -> None:
        """Also when the policies have to be asked for: that goes along with the length of the lane (16 and later)."""
        self.make(match_by="Pattern", pattern="shop.*", queue="long")
        self.plain()
        known, unknown = self.count(self.plain), self.count(self.plain, forget=True)
        enqueueing.uninstall()
        self.addCleanup(at_start.install)
        without = self.count(self.plain)
        self.assertEqual(known, without)
        self.assertEqual(unknown, without + (queue_wall() is None))

    def count(self, do, forget: bool = False) -> int:
        sent, send = [], Connection.send_packed_command

        def counting(*args, **kwargs):
            sent.append(1)
            return send(*args, **kwargs)

        if forget:
            engine().policies.forget(frappe.local.site)
        with patch.object(Connection, "send_packed_command", counting):
            do()
        return len(sent)
