"""Jobs of every kind that Frappe itself enqueues are tried again as their policy says, by real workers."""

import json

import frappe

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.bridge.tests.testing import MANAGER, MARK
from job_console.engine.redis import keys
from job_console.engine.retries import circuit
from job_console.engine.retries import limits as retries_limits
from job_console.engine.watch.retry_duty import retry

from .retries_testing import down, forget

WORK = "job_console.runtime.tests.retries_testing"


class TestRetries(PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.redis.delete(keys.HOOK_FAILURES)
        self.name = frappe.generate_hash()

    def tearDown(self) -> None:
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))
        super().tearDown()

    def policy(self, method: str, **said) -> None:
        self.make(**{"method": f"{WORK}.{method}", "backoff": "List of Delays", "delays": "1", "jitter": 0, **said})

    def sweep(self) -> None:
        """What any sweep does; this one at once."""
        engine().watch.forget()
        retry(engine(), engine().watch.look())

    def work_until(self, job_id: str, status: str, queue: str = "short") -> dict:
        def ended() -> bool:
            self.sweep()
            self.work(queue)
            return self.redis.hget(keys.job(job_id), "status") == status.encode()

        self.wait(ended)
        engine().watch.forget()
        return api.show(job_id)

    def test_the_next_attempt_is_the_same_job_of_the_same_user(self) -> None:
        self.policy("fail_at_first", attempts=3)
        job_id = self.enqueue(f"{WORK}.fail_at_first", name=self.name, times=2)
        self.work()
        engine().watch.forget()
        waiting = api.show(job_id)
        self.assertEqual((waiting["attempt"], waiting["tries"]["of"]), (2, 3))
        self.assertIn(waiting["status"], ("scheduled", "queued"))  # its host's duty thread may have moved it already
        self.assertEqual(waiting["tries"]["next_at"] is None, waiting["status"] == "queued")
        job = self.work_until(job_id, "finished")
        self.assertEqual(job["result"], {"user": MANAGER, "site": frappe.local.site, "name": self.name})
        self.assertEqual((job["attempt"], job["tries"]["failed"]), (3, 2))

    def test_it_is_due_while_nobody_looks(self) -> None:
        """Every worker is idle and no job ends: the process that the host has for its jobs moves it."""
        self.policy("fail_at_first", attempts=2)
        job_id = self.enqueue(f"{WORK}.fail_at_first", name=self.name, times=1)
        self.work()
        self.wait(lambda: self.redis.hget(keys.job(job_id), "status") == b"queued")
        self.work()
        self.assertEqual(self.redis.hget(keys.job(job_id), "status"), b"finished")

    def test_out_of_attempts_it_is_a_dead_letter(self) -> None:
        self.policy("fail_at_first", attempts=2)
        job_id = self.enqueue(f"{WORK}.fail_at_first", name=self.name, times=9)
        job = self.work_until(job_id, "failed")
        self.assertEqual((job["attempt"], job["tries"]["then"]), (2, "gave_up"))
        self.assertIn(job_id, [each["id"] for each in api.jobs(status="dead", size=100)["jobs"]])
        self.assertIn("all 2 attempts have failed", " ".join(api.explain(job_id)["because"]))

    def test_what_was_killed_is_put_back(self) -> None:
        self.policy("die_at_first", lost_work="Requeue")
        job_id = self.enqueue(f"{WORK}.die_at_first", name=self.name)
        job = self.work_until(job_id, "finished")
        self.assertTrue(job["tries"]["history"][0]["lost"])

    def test_what_somebody_stopped_is_not_tried_again(self) -> None:
        self.policy("leave", attempts=3, lost_work="Requeue")
        job_id = self.enqueue(f"{WORK}.leave", name=self.name)
        job = self.work_until(job_id, "stopped")
        self.sweep()
        self.assertIsNone(job["tries"])
        self.assertIsNone(self.redis.zscore(keys.RETRIES, job_id))

    def test_a_method_that_fails_every_time_is_held_until_somebody_closes_its_circuit(self) -> None:
        job_ids, names = self.opened()

        def reported() -> list[dict]:
            self.sweep()
            found = api.warnings()["warnings"]
            return [each for each in found if each["code"] == "crash_loop" and "circuit is open" in each["message"]]

        self.wait(reported)
        (warning,) = reported()
        self.assertEqual(warning["remedies"][0]["action"], "close_circuit")

        down(False)  # nobody has noticed yet
        runs = self.tried(names)
        self.sweep()
        self.work()
        self.assertEqual(self.tried(names), runs, "none of them runs")
        (result,) = api.act("close_circuit", [warning["job_id"]], reason="it is up again")["results"]
        self.assertTrue(result["ok"], result)
        for job_id in job_ids:
            self.work_until(job_id, "finished")
        self.assertEqual(reported(), [])

    def test_one_retry_a_minute_is_let_through_until_one_ends_well(self) -> None:
        job_ids, names = self.opened()
        so_far = sum(self.tried(names))
        self.next_trial(in_s=0)
        self.sweep()
        self.assertGreater(self.circuit()["trial_at"], self.redis.time()[0], "the next one has to wait")
        self.next_trial(in_s=3600)  # however long the rest takes
        self.work()
        self.assertEqual(sum(self.tried(names)), so_far + 1, "one is tried")
        self.wait(lambda: self.all_held(job_ids))  # it failed, and waits again
        self.work()
        self.assertEqual(sum(self.tried(names)), so_far + 1, "and no other one before its time")

        down(False)
        self.next_trial(in_s=0)
        self.sweep()
        self.work()
        self.assertIsNone(self.circuit(), "the next trial ends well")
        for job_id in job_ids:
            self.work_until(job_id, "finished")
        self.assertEqual(sum(self.tried(names)), so_far + 1 + len(job_ids))

    def opened(self) -> tuple[list[str], list[str]]:
        """The other side is down, and as many jobs as it takes have failed; they wait. Their ids and names."""
        self.addCleanup(circuit.ended_well, self.redis, self.circuit_name())
        self.addCleanup(down, False)
        down(True)
        self.policy("fail_while_down", attempts=9)
        names = [f"{self.name}{number}" for number in range(retries_limits.CRASH_LOOP_RUNS)]
        job_ids = [self.enqueue(f"{WORK}.fail_while_down", name=name) for name in names]
        self.work()
        self.next_trial(in_s=3600)
        self.wait(lambda: self.all_held(job_ids))
        return job_ids, names

    def circuit_name(self) -> str:
        return circuit.name(frappe.local.site, f"{WORK}.fail_while_down")

    def circuit(self) -> dict | None:
        """What is known of it while it is open."""
        found = self.redis.hget(keys.CIRCUITS, self.circuit_name())
        return found and json.loads(found)

    def next_trial(self, in_s: int) -> None:
        """As if the minute had gone by, or would not."""
        trial_at = self.redis.time()[0] + in_s
        self.redis.hset(keys.CIRCUITS, self.circuit_name(), json.dumps({**self.circuit(), "trial_at": trial_at}))
        for job_id in self.held():
            self.redis.zadd(keys.RETRIES, {job_id: trial_at}, xx=True)

    def held(self) -> set[str]:
        return {each.decode() for each in self.redis.smembers(keys.circuit_held(self.circuit_name()))}

    def all_held(self, job_ids: list[str]) -> bool:
        self.sweep()
        return self.held() == set(job_ids)

    @staticmethod
    def tried(names: list[str]) -> list[int]:
        return [int(frappe.cache.get(f"{MARK}{name}")) for name in names]

    def test_a_scheduled_job_whose_failure_frappe_hides_is_tried_again(self) -> None:
        forget("scheduled")
        self.forget_schedules()
        record = frappe.get_doc(
            {"doctype": "Scheduled Job Type", "method": f"{WORK}.fail_first_scheduled", "frequency": "Daily"}
        ).insert(ignore_permissions=True)
        frappe.db.commit()
        self.addCleanup(self.forget_schedules)
        self.policy("fail_first_scheduled", attempts=2)
        record.enqueue(force=True)
        found = self.redis.keys(
            f"rq:job:{frappe.local.site}*{record.rq_job_id.rpartition('||')[2].rpartition('::')[2]}"
        )
        job_id = found[0].decode().removeprefix("rq:job:")
        self.made.append(job_id)
        self.work("default")
        # Its host's duty thread may have put it back already.
        if self.redis.hget(keys.job(job_id), "status") == b"finished":
            self.assertIsNotNone(self.redis.zscore(keys.RETRIES, job_id))
            self.assertGreater(self.redis.ttl(keys.job(job_id)), retries_limits.TRIES_DONE_TTL_S - 60)

        def ended() -> bool:
            self.sweep()
            self.work("default")
            # Put back by its host's duty thread just after that worker has left, it waits for the next one.
            due, status = self.redis.zscore(keys.RETRIES, job_id), self.redis.hget(keys.job(job_id), "status")
            return due is None and status == b"finished"

        self.wait(ended)
        engine().watch.forget()
        job = api.show(job_id)
        self.assertEqual((job["status"], job["attempt"], job["tries"]["failed"]), ("finished", 2, 1))

    def forget_schedules(self) -> None:
        frappe.db.rollback()  # a worker has written meanwhile
        frappe.db.delete("Scheduled Job Type", {"method": f"{WORK}.fail_first_scheduled"})
        frappe.db.commit()
