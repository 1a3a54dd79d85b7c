"""`attempt` with locks, commits and rollbacks in it; a lock after what was undone; other loops within one in chunks."""

from unittest.mock import patch

import frappe
from redis.exceptions import ConnectionError as RedisConnectionError

import job_console
from job_console.bridge.access import console
from job_console.engine.models.progress import Asked
from job_console.engine.progress import flags, more_time
from job_console.runtime.progress import progress
from job_console.runtime.tests.chunks_case import ChunksTestCase
from job_console.runtime.tests.locks_testing import KEY, read, write
from job_console.runtime.tests.test_lock import LockTestCase
from job_console.runtime.transactions import transaction, writes
from job_console.runtime.transactions.savepoint import Savepoint

JOBS = "job_console.runtime.tests.attempt_testing"


class TestAttempt(ChunksTestCase):
    def test_a_lock_after_a_failed_item_loses_nothing(self) -> None:
        job_id = self.enqueue(f"{JOBS}.fail_and_lock", count=30)
        self.work()
        self.assert_all_once([item for item in range(30) if item % 3 != 1])
        self.assertEqual(console().jobs.show(job_id)["status"], "finished")
        self.assertEqual((self.checkpoint(job_id).committed, self.checkpoint(job_id).failed), (30, 10))

    def test_a_lock_in_the_first_item_of_a_chunk(self) -> None:
        for size in (1, 4):
            job_id = self.enqueue(f"{JOBS}.lock_each", count=10, size=size)
            self.work()
            self.assertEqual(self.status(job_id), "finished")
        self.assert_all_once([*range(10), *range(10)])

    def test_what_an_item_commits_itself_stays_and_the_rest_of_it_is_undone(self) -> None:
        job_id = self.enqueue(f"{JOBS}.commit_each", count=20)
        self.work()
        self.assertEqual(self.status(job_id), "finished")
        self.assert_all_once(range(20))
        self.assertEqual((self.checkpoint(job_id).committed, self.checkpoint(job_id).failed), (20, 5))

    def test_a_lock_after_others_rolled_back_to_their_savepoint_loses_nothing(self) -> None:
        job_id = self.enqueue(f"{JOBS}.others_savepoint", count=20)
        self.work()
        self.assertEqual(self.status(job_id), "finished")
        self.assert_all_once(range(20))


class TestInside(ChunksTestCase):
    def test_the_loop_in_chunks_speaks_for_the_job(self) -> None:
        job_id = self.enqueue(f"{JOBS}.loops_inside", count=6)
        with self.working():
            self.wait(lambda: console().jobs.show(job_id)["progress"] or self.status(job_id) == "finished")
            self.wait(lambda: self.finished_having_spoken(job_id))
        said = console().jobs.show(job_id)["progress"]
        self.assertEqual((said["done"], said["total"], said["text"]), (6, 6, "outside"))
        self.assertEqual(said["chunks"]["committed"], 6)

    def finished_having_spoken(self, job_id: str) -> bool:
        said = console().jobs.show(job_id)["progress"]
        self.assertEqual((said["total"], said["text"]), (6, "outside"))
        self.assertIsNotNone(said["chunks"])
        return self.status(job_id) == "finished"

    def test_stopped_within_an_inner_loop_the_present_chunk_is_committed(self) -> None:
        job_id = self.enqueue(f"{JOBS}.loops_inside", count=400, stop_at=3)
        self.work()
        self.assertIn("Stopped by sam@example.com", console().jobs.show(job_id)["error"]["message"])
        committed = self.checkpoint(job_id).committed
        self.assertGreater(committed, 3)
        self.assert_all_once(range(committed))

    def test_a_redis_that_does_not_answer_gives_no_time_and_stops_no_job(self) -> None:
        job_id = self.enqueue(f"{JOBS}.loops_inside", count=1)
        run = progress.RunProgress(frappe._dict(id=job_id, started_at=None))
        asked = {flags.MORE_TIME: Asked(flags.MORE_TIME, "sam@example.com", seconds=30.0)}
        with patch.object(more_time, "grant", side_effect=RedisConnectionError("cut")):
            run.receive(asked)
        with patch.object(more_time, "grant", return_value=30.0) as grant:
            run.receive({})
            grant.assert_not_called()
            run.receive(asked)
        self.assertEqual(run.meter.last.extended_s, 30.0)


class TestTransaction(LockTestCase):
    def test_what_waits_for_the_commit_outlives_a_savepoint_and_a_lock(self) -> None:
        for others in (True, False):
            write(f"before {others}")
            if others:
                frappe.db.savepoint("theirs")
                write("undone")
                frappe.db.rollback(save_point="theirs")
            else:
                point = Savepoint()
                write("undone")
                point.go_back()
            self.assertTrue(transaction.has_written())
            with job_console.lock(KEY):
                read()
            self.assertTrue(self.taken_elsewhere(), "nobody may read before it is committed")
            frappe.db.commit()
            self.assertFalse(self.taken_elsewhere())
            self.assertFalse(transaction.has_written())
            self.assertEqual(read(), f"before {others}")

    def test_where_all_was_undone_nothing_is_written(self) -> None:
        frappe.db.savepoint("theirs")
        write("undone")
        frappe.db.rollback(save_point="theirs")
        self.assertFalse(transaction.has_written())
        ended = writes.ended(frappe.local.db)
        with job_console.lock(KEY):
            pass
        self.assertGreater(writes.ended(frappe.local.db), ended, "it begins anew")
        self.assertFalse(self.taken_elsewhere())

    def test_begun_anew_our_savepoints_are_still_there(self) -> None:
        outer, inner = Savepoint(), Savepoint()
        with job_console.lock(KEY):
            write("inner")
        self.assertFalse(outer.gone or inner.gone)
        inner.release()
        outer.go_back()
        frappe.db.commit()
        self.assertEqual(read(), "")

    def test_a_lock_within_what_was_undone_goes_back_with_the_commit(self) -> None:
        write("one")
        point = Savepoint()
        with job_console.lock(KEY):
            write("two")
        point.go_back()
        self.assertTrue(self.taken_elsewhere())
        frappe.db.commit()
        self.assertFalse(self.taken_elsewhere())
        self.assertEqual(read(), "one")

    def test_after_a_rollback_of_everything_there_is_nothing_to_go_back_to(self) -> None:
        called = []
        frappe.db.after_commit.add(lambda: called.append("before"))
        point = Savepoint()
        frappe.db.rollback()
        write("since then")
        point.go_back()
        frappe.db.commit()
        self.assertEqual((read(), called), ("", []))
        point = Savepoint()
        frappe.db.commit()
        point.release()
