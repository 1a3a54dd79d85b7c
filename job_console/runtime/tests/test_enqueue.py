"""`job_console.enqueue` on a real site: what Frappe's own does, with the policy of what is enqueued."""

import subprocess
import time
from unittest.mock import patch

import frappe
from frappe.utils import get_bench_path
from frappe.utils.background_jobs import generate_qname

import job_console
from job_console import api
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.bridge.tests.testing import CLERK
from job_console.bridge.tests.workers_testing import BurstWorker
from job_console.engine.errors import BadRequest, RedisUnavailable
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.runtime.tests.enqueue_testing import GO, MINE, READY

TESTING = "job_console.bridge.tests.testing"
ADD = f"{TESTING}.add"
FAIL = f"{TESTING}.fail"


class EnqueueTestCase(PolicyTestCase):
    def enqueued(self, *args, **kwargs):
        job = job_console.enqueue(*args, **kwargs)
        self.made.append(job.id)
        return job

    def record(self, job) -> dict[str, str]:
        return {name.decode(): value for name, value in self.redis.hgetall(keys.job(job.id)).items()}


class TestDropIn(EnqueueTestCase):
    def test_it_runs_and_says_so(self) -> None:
        job = self.enqueued(ADD, queue="short", one=1, other=2)
        self.assertEqual((bool(job), job.status, job.origin), (True, "queued", generate_qname("short")))
        self.assertRegex(job.explain()[0], "No worker serves short")
        self.work()
        self.assertEqual((job.wait(5), job.status), ("finished", "finished"))
        self.assertEqual((job.result, api.show(job.id)["method"]), (3, ADD))

    def test_functions_positions_and_names_go_where_frappe_puts_them(self) -> None:
        from job_console.bridge.tests import testing

        job = self.enqueued(testing.add, "long", 77, "an event", one=1, other=2, at_front=True)
        seen = api.show(job.id)
        self.assertEqual((seen["method"], seen["arguments"], seen["timeout_s"]), (ADD, {"one": 1, "other": 2}, 77))
        self.assertEqual(job.origin, generate_qname("long"))

    def test_no_name_of_ours_is_in_the_way_of_the_methods_own(self) -> None:
        names = ("key", "site", "user", "policy", "handle", "request", "call", "arguments")
        job = self.enqueued(MINE, queue="short", **{name: f"<{name}>" for name in names})
        self.work()
        self.assertEqual(job.result, " ".join(f"<{name}>" for name in names))

    def test_now_is_now(self) -> None:
        self.assertEqual(job_console.enqueue(ADD, now=True, one=1, other=2), 3)

    def test_its_own_id_is_kept(self) -> None:
        job = self.enqueued(ADD, queue="short", job_id="job-console-test-own-id", one=1, other=2)
        plain = frappe.enqueue(ADD, queue="short", job_id="job-console-test-own-id", deduplicate=True)
        self.assertTrue(job.id.endswith("job-console-test-own-id"))
        self.assertIsNone(plain)

    def test_what_is_gone_says_so(self) -> None:
        job = self.enqueued(ADD, queue="short", one=1, other=2)
        self.redis.delete(keys.job(job.id))
        self.assertEqual((job.status, job.wait(1)), ("gone", "gone"))

    def test_waiting_ends_after_its_time_and_wakes_when_the_job_ends(self) -> None:
        job = self.enqueued(f"{TESTING}.sleep", queue="short", seconds=1)
        start = time.monotonic()
        self.assertEqual(job.wait(0.5), "queued")
        self.assertGreaterEqual(time.monotonic() - start, 0.5)
        worker = BurstWorker("short")
        self.assertEqual(job.wait(300), "finished")
        worker.wait()


class TestPolicy(EnqueueTestCase):
    def test_lane_and_timeout_are_the_policys_whatever_the_caller_says(self) -> None:
        self.make(method=ADD, queue="long", timeout=700)
        for options in ({}, {"queue": "short", "timeout": 5}):
            job = self.enqueued(ADD, one=1, other=2, **options)
            self.assertEqual((job.origin, job.timeout), (generate_qname("long"), 700))

    def test_what_it_leaves_open_is_the_callers(self) -> None:
        self.make(match_by="Pattern", pattern=f"{TESTING}.*", timeout=250)
        job = self.enqueued(ADD, queue="short", one=1, other=2)
        self.assertEqual((job.origin, job.timeout), (generate_qname("short"), 250))

    def test_a_lane_that_the_bench_has_lost_loses_no_job(self) -> None:
        doc = self.make(method=ADD, queue="long")
        doc.db_set("queue", "a-lane-that-was")
        frappe.get_doc("Job Policy", doc.name).run_method("on_update")
        frappe.db.commit()
        self.assertEqual(self.published().policies[0].queue, "a-lane-that-was")
        self.assertEqual(self.enqueued(ADD, queue="short", one=1, other=2).origin, generate_qname("short"))

    def test_without_redis_for_policies_frappe_decides(self) -> None:
        with patch("job_console.bridge.policies.policies.engine", side_effect=RedisUnavailable("down")):
            job = self.enqueued(ADD, queue="short", one=1, other=2)
        self.assertEqual(job.status, "queued")


class TestTransactions(EnqueueTestCase):
    def saved(self, event: str = "on_update", **options) -> tuple:
        """A document whose controller enqueues while it is saved, and the jobs that it made."""
        made = []

        def hook(doc, *_args) -> None:
            made.append(self.enqueued(ADD, queue="short", one=1, other=2, **options))

        doc = frappe.get_doc({"doctype": "Tag", "name": frappe.generate_hash()})
        with patch.object(doc.__class__, event, hook, create=True):
            doc.insert(ignore_permissions=True)
        return doc, made[0]

    def test_inside_a_documents_lifecycle_it_waits_for_the_commit(self) -> None:
        for event in ("validate", "after_insert", "on_update"):
            with self.subTest(event):
                _doc, job = self.saved(event)
                self.assertEqual((job.status, self.record(job)), ("uncommitted", {}))
                self.assertRegex(job.explain()[0], "when the transaction is committed")
                with self.assertRaises(BadRequest):
                    job.wait(1)
                frappe.db.commit()
                self.assertEqual(job.status, "queued")

    def test_what_is_rolled_back_is_not_enqueued(self) -> None:
        _doc, job = self.saved()
        frappe.db.rollback()
        frappe.db.commit()
        self.assertEqual((job.status, self.record(job)), ("uncommitted", {}))

    def test_who_says_otherwise_is_obeyed(self) -> None:
        _doc, job = self.saved(enqueue_after_commit=False)
        self.assertEqual(job.status, "queued")
        frappe.db.rollback()
        later = self.enqueued(ADD, queue="short", one=1, other=2, enqueue_after_commit=True)
        self.assertEqual(later.status, "uncommitted")
        frappe.db.commit()
        self.assertEqual(later.status, "queued")

    def test_elsewhere_it_is_enqueued_at_once(self) -> None:
        doc = frappe.get_doc({"doctype": "Tag", "name": frappe.generate_hash()}).insert(ignore_permissions=True)
        with patch.object(doc.__class__, "work", lambda doc: self.enqueued(ADD, queue="short"), create=True):
            job = doc.run_method("work")
        self.assertEqual(job.status, "queued")

    def test_its_user_is_who_enqueued_it(self) -> None:
        with self.user(CLERK):
            job = self.enqueued(ADD, queue="short", enqueue_after_commit=True, one=1, other=2)
        frappe.db.commit()
        self.assertEqual(api.show(job.id)["user"], CLERK)
        self.assertNotEqual(frappe.session.user, CLERK)


class TestOnce(EnqueueTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.forget_keys()
        self.addCleanup(self.forget_keys)

    def forget_keys(self) -> None:
        for key in self.redis.scan_iter(keys.unique(frappe.local.site, "*"), count=1000):
            self.redis.delete(key)

    def test_a_second_one_with_the_key_is_refused_and_says_of_what(self) -> None:
        self.make(method=MINE, unique_key="{key}")
        first = self.enqueued(MINE, queue="short", key="C-1")
        second, other = self.enqueued(MINE, queue="short", key="C-1"), self.enqueued(MINE, queue="short", key="C-2")
        self.assertFalse(second)
        self.assertEqual((second.status, second.duplicate_of, second.wait(1)), ("refused", first.id, "refused"))
        self.assertRegex(second.explain()[0], f"refused as a duplicate of {first.id.replace('|', '.')}")
        self.assertEqual((bool(other), self.record(second)), (True, {}))
        self.work()
        third = self.enqueued(MINE, queue="short", key="C-1")
        self.assertTrue(third)

    def test_what_ended_well_gives_its_key_back(self) -> None:
        self.make(method=MINE, unique_key="{key}:{user}")
        self.enqueued(MINE, queue="short", key="C-1")
        self.assertEqual(len(list(self.redis.scan_iter(keys.unique(frappe.local.site, "C-1:*")))), 1)
        self.work()
        self.assertEqual(list(self.redis.scan_iter(keys.unique(frappe.local.site, "C-1:*"))), [])

    def test_what_failed_has_its_key_for_as_long_as_it_may_be_tried_again(self) -> None:
        self.make(method=FAIL, unique_key="{customer}", attempts=2)
        self.enqueued(FAIL, queue="short", customer="C-1")
        (key,) = self.redis.scan_iter(keys.unique(frappe.local.site, "C-1"))
        self.redis.expire(key, 60)
        self.work()
        self.assertGreater(self.redis.ttl(key), policies_limits.POLICY_DELAY_S)

    def test_of_two_in_one_transaction_the_first_is_enqueued(self) -> None:
        self.make(method=MINE, unique_key="{key}")
        jobs = [self.enqueued(MINE, queue="short", key="C-1", enqueue_after_commit=True) for _ in range(2)]
        self.assertEqual([job.status for job in jobs], ["uncommitted"] * 2)
        frappe.db.commit()
        self.assertEqual([job.status for job in jobs], ["queued", "refused"])

    def test_frappes_own_deduplication_no_longer_stumbles_over_a_ghost(self) -> None:
        """frappe#31325: refused for ever by a job that nothing will ever run."""
        options = {"queue": "short", "job_id": "job-console-test-nightly", "deduplicate": True}
        first = self.enqueued(ADD, **options)
        self.assertFalse(self.enqueued(ADD, **options))
        self.redis.lrem(f"rq:queue:{generate_qname('short')}", 0, first.id)
        self.assertIsNone(frappe.enqueue(ADD, **options), "Frappe refuses it: that is the fault")
        again = self.enqueued(ADD, one=1, other=2, **options)
        self.assertTrue(again)
        self.work()
        self.assertEqual((again.status, again.result), ("finished", 3))

    def test_who_could_not_enqueue_gives_the_key_back(self) -> None:
        self.make(method=MINE, unique_key="{key}")
        with patch("frappe.enqueue", side_effect=ValueError), self.assertRaises(ValueError):
            job_console.enqueue(MINE, queue="short", key="C-1")
        self.assertTrue(self.enqueued(MINE, queue="short", key="C-1"))

    def test_a_thousand_keys_that_two_processes_want_at_the_same_moment(self) -> None:
        self.make(method=MINE, unique_key="{key}", queue="short")
        self.redis.delete(READY, GO)
        self.addCleanup(self.redis.delete, READY, GO)
        racers = [self.racer(name) for name in ("one", "two")]
        deadline = time.monotonic() + 60
        while self.redis.scard(READY) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.redis.set(GO, 1)
        self.assertEqual([racer.wait(120) for racer in racers], [0, 0])
        mine = self.redis.lrange(f"rq:queue:{generate_qname('short')}", 0, -1)
        self.made += [job_id.decode() for job_id in mine]
        self.assertEqual((len(mine), len(set(mine))), (1000, 1000))
        wanted = sorted(api.show(job_id.decode())["arguments"]["key"] for job_id in mine[:50])
        self.assertEqual(len(set(wanted)), 50)

    def racer(self, name: str) -> subprocess.Popen:
        kwargs = frappe.as_json({"name": name, "keys_wanted": 1000})
        race = "job_console.runtime.tests.enqueue_testing.race"
        command = ["bench", "--site", frappe.local.site, "execute", race, "--kwargs", kwargs]
        return subprocess.Popen(command, cwd=get_bench_path(), stdout=subprocess.DEVNULL)
