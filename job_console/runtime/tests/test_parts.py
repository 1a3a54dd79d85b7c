"""Jobs that share a loop, when their id is used again, and when nobody wakes the first one."""

from unittest.mock import patch
from uuid import uuid4

import frappe

from job_console.bridge.connection import engine
from job_console.bridge.sweep import parts
from job_console.bridge.tests.testing import MARK
from job_console.engine.progress import hand_over
from job_console.engine.redis import keys
from job_console.runtime.chunks import parts as chunks_parts
from job_console.runtime.tests.chunks_case import ChunksTestCase
from job_console.runtime.tests.chunks_testing import BEHIND


class TestParts(ChunksTestCase):
    def parts(self) -> list[str]:
        frappe.db.rollback()
        return frappe.get_all("Job Checkpoint", filters={"part_of": ("is", "set")}, pluck="job")

    def test_a_new_job_of_the_same_id_has_parts_of_its_own(self) -> None:
        options = {"job_id": f"{MARK}{uuid4().hex}", "queue": "short", "count": 20, "parallel": 2, "pause": 0}
        for _time in range(2):
            job = frappe.enqueue("job_console.runtime.tests.chunks_testing.shared", **options)
            self.work()
            self.made += [job.id, *self.parts()]
            self.assertEqual(self.status(job.id), "finished")
        self.assertEqual(len(set(self.made)), 3)
        self.assert_all_once([*range(20), BEHIND, *range(20), BEHIND])

    def test_a_part_of_an_earlier_job_of_the_same_id_does_nothing(self) -> None:
        arguments = {"count": 20, "parallel": 2, "pause": 0}
        work = "job_console.runtime.tests.chunks_testing.shared"
        self.enqueue("job_console.runtime.chunks.parts.run_part", work=work, arguments=arguments)
        self.work()
        self.assert_all_once([])

    def test_a_first_job_that_nobody_woke_is_woken_by_a_sweep(self) -> None:
        job_id = self.enqueue("job_console.runtime.tests.attempt_testing.nobody_wakes", count=20)
        self.work()
        self.made += self.parts()
        self.assertEqual(self.status(job_id), "scheduled")
        parts.wake(engine(), engine().watch.look())
        self.assertEqual(self.status(job_id), "queued")
        self.work()
        self.assertEqual(self.status(job_id), "finished")
        self.assert_all_once(range(20))

    def test_a_first_job_that_waits_for_others_is_left_alone(self) -> None:
        job_id = self.enqueue("job_console.runtime.tests.attempt_testing.nobody_wakes", count=20)
        self.work()
        self.made += self.parts()
        frappe.db.set_value("Job Checkpoint", {"job": job_id}, "parts_left", 1)
        parts.wake(engine(), engine().watch.look())
        self.assertEqual(self.status(job_id), "scheduled")

    def test_a_first_job_that_is_just_being_parked_is_asked_again(self) -> None:
        job_id = f"{MARK}{uuid4().hex}"
        self.made.append(job_id)
        for status in ("started", "scheduled"):
            self.redis.hset(keys.job(job_id), "status", status)
            with patch.object(hand_over, "wake", side_effect=[False, False, True]) as wake:
                chunks_parts._wake(job_id)
            self.assertEqual(wake.call_count, 3)
        self.redis.hset(keys.job(job_id), "status", "finished")
        with patch.object(hand_over, "wake", return_value=False) as wake:
            chunks_parts._wake(job_id)
        self.assertEqual(wake.call_count, 1)
