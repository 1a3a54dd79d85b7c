"""Where policies stand before whatever is enqueued, and that they are never in its way."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest.mock import patch

import frappe
from frappe.utils import background_jobs, get_bench_path
from frappe.utils.background_jobs import create_job_id, generate_qname, get_queue
from redis.connection import Connection

from job_console import api
from job_console.bridge.connection import engine, enqueue_limit
from job_console.bridge.tests.policies_testing import ADD
from job_console.engine.errors import RedisUnavailable
from job_console.engine.redis import keys
from job_console.engine.rq import enqueueing
from job_console.runtime.enqueue import at_start, everywhere, own_jobs

from .everywhere_testing import EverywhereTestCase

FROM_A_JOB = "job_console.runtime.tests.everywhere_testing.enqueue_from_a_job"
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

    def test_in_another_lane_the_timeout_of_ones_own_was_set_by_nobody(self) -> None:
        self.make(queue="long")
        self.assertEqual(self.record(self.plain()), ("long", 1500))
        self.assertEqual(self.record(self.plain(timeout=77)), ("long", 77))

    def test_a_lane_that_is_gone_or_full_loses_no_job(self) -> None:
        doc = self.make(queue="long")
        with patch("job_console.runtime.enqueue.apply_policy.enqueue_limit", return_value=0):
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

    def test_what_rq_is_to_do_later(self) -> None:
        """It waits among the scheduled jobs of its policy's lane, and has its key from now on."""
        self.make(queue="long", timeout=700, unique_key="bed")
        queue, hour = get_queue("short"), timedelta(hours=1)
        first = queue.enqueue_in(hour, ADD, one=1, other=2)
        self.made.append(first.id)
        self.assertEqual((*self.record(first.id), self.status(first.id)), ("long", 700, "scheduled"))
        self.assertIsNotNone(self.redis.zscore(f"rq:scheduled:{generate_qname('long')}", first.id))
        again = queue.enqueue_at(datetime.now(timezone.utc) + hour, ADD, 1, 2)
        self.assertEqual(again.id, first.id)
        self.assertEqual(self.redis.zcard(f"rq:scheduled:{generate_qname('short')}"), 0)

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
        with (
            patch("job_console.runtime.enqueue.everywhere.PlannedJob", side_effect=ZeroDivisionError),
            self.assertLogs(frappe.logger("job_console").name, "ERROR") as said,  # in production, no less is written
        ):
            self.assertEqual(self.record(self.plain())[0], "short")
        self.assertIn("ZeroDivisionError", said.output[0])
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
        asked: list[Any] = []
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
        with patch.object(own_jobs, "_shows", return_value=False):
            known, unknown = self.count(self.plain), self.count(self.plain, forget=True)
        for_its_user = self.count(self.plain)
        enqueueing.uninstall()
        self.addCleanup(at_start.install)
        without = self.count(self.plain)
        self.assertEqual(known, without)
        self.assertEqual(for_its_user, without + 1, "it is written down for who waits for it")
        self.assertEqual(unknown, without + (enqueue_limit() is None))

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
