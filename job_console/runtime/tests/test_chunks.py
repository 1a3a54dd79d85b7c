"""Work in chunks: every item is done, none twice in what is committed, whatever kills, stops or pauses it."""

from unittest.mock import patch
from uuid import uuid4

import frappe

import job_console
from job_console.bridge.access import console
from job_console.engine.errors import BadRequest
from job_console.engine.progress import flags
from job_console.engine.progress import limits as progress_limits
from job_console.runtime.chunks import checkpoint
from job_console.runtime.chunks.each import ItemsFailed
from job_console.runtime.tests import chunks_testing
from job_console.runtime.tests.chunks_case import JOBS, ChunksTestCase
from job_console.runtime.tests.chunks_testing import BEHIND, effects


class TestChunks(ChunksTestCase):
    def test_a_list_and_a_generator(self) -> None:
        for generator in (False, True):
            chunks_testing.make_table()
            frappe.db.commit()
            job_id = self.enqueue(f"{JOBS}.over_list", count=35, generator=generator)
            self.work()
            self.assert_all_once([*range(35), BEHIND])
            place = self.checkpoint(job_id)
            self.assertEqual((place.status, place.committed, place.runs, place.chunks), ("Finished", 35, 1, 4))

    def test_killed_it_goes_on_after_the_last_chunk(self) -> None:
        job_id = self.enqueue(f"{JOBS}.die_at", count=50, at=37)
        self.work()
        self.assertEqual(self.status(job_id), "failed")
        self.assert_all_once(range(30))
        reported = " ".join(console().jobs.explain(job_id)["because"])
        # It tells twice a second: what it says is as old as that, the place in the database is exact.
        self.assertRegex(reported, r"It had come to \d+ of 50. [23]0 items are committed: it goes on from there")
        self.assertEqual(self.checkpoint(job_id).committed, 30)
        self.retry(job_id)
        self.work()
        self.assert_all_once([*range(50), BEHIND])
        self.assertEqual(self.checkpoint(job_id).runs, 2)

    def test_near_its_timeout_the_same_job_goes_on_in_a_fresh_run(self) -> None:
        job_id = self.enqueue(f"{JOBS}.short_of_time", count=150)
        self.work()
        self.assertEqual(self.status(job_id), "finished")
        self.assert_all_once([*range(150), BEHIND])
        self.assertGreater(self.checkpoint(job_id).runs, 1)

    def test_on_sqlite_others_can_write_between_two_chunks(self) -> None:
        """A login, for one: it gives up after 5 to 15 seconds."""
        if frappe.db.db_type != "sqlite":
            self.skipTest("This database has room for more than one writer.")
        self.enqueue(f"{JOBS}.over_list", count=400, size=1_000, pause=0.025)
        with self.working():
            self.wait(lambda: frappe.get_all("Job Checkpoint", filters={"job": self.made[-1]}) or frappe.db.rollback())
            frappe.db.rollback()
            frappe.db.sql("pragma busy_timeout = 5000")
            chunks_testing.effect("a login")
            frappe.db.commit()
            others = effects()
            frappe.db.rollback()
        self.assertNotIn(BEHIND, others, "it got in before the loop was through")
        self.assert_all_once([*range(400), BEHIND, "a login"])

    def test_paused_and_resumed(self) -> None:
        job_id = self.enqueue(f"{JOBS}.over_list", count=400, pause=0.02)
        with self.working():
            self.wait(lambda: console().jobs.show(job_id)["progress"])
            (paused,) = console().actions.run("pause", [job_id], reason="month end")["results"]
            self.assertEqual((paused["ok"], paused["state_after"]), (True, "scheduled"))
        self.assertEqual(self.checkpoint(job_id).status, "Paused")
        done = len(effects())
        self.assertGreater(done, 0)
        self.assertEqual(done, self.checkpoint(job_id).committed)
        console().actions.run("unpause", [job_id])
        self.work()
        self.assert_all_once([*range(400), BEHIND])

    def test_a_worker_that_does_not_fork_goes_on_too(self) -> None:
        job_id = self.enqueue(f"{JOBS}.short_of_time", count=150)
        after = self.enqueue(f"{JOBS}.over_list", count=5)
        self.work(fork=False)
        self.assertEqual([self.status(each) for each in (job_id, after)], ["finished", "finished"])
        self.assert_all_once([*range(150), BEHIND, *range(5), BEHIND])
        self.assertGreater(self.checkpoint(job_id).runs, 1)

    def test_stopped_it_commits_what_it_has_done_and_goes_on_when_retried(self) -> None:
        job_id = self.enqueue(f"{JOBS}.over_list", count=400, size=1000, pause=0.02)
        with self.working():
            self.wait(lambda: console().jobs.show(job_id)["progress"])
            flags.ask(self.redis, job_id, flags.STOP, "sam@example.com")
            self.wait(lambda: self.status(job_id) == "stopped")
        self.assertGreater(self.checkpoint(job_id).committed, 0)
        self.retry(job_id)
        self.work()
        self.assert_all_once([*range(400), BEHIND])

    def test_failed_items_are_noted_and_retried_alone(self) -> None:
        good = f"{self.id()}:good"
        frappe.cache.delete_value(good)
        job_id = self.enqueue(f"{JOBS}.some_fail", count=100, good=good)
        self.work()
        shown = console().jobs.show(job_id)
        self.assertEqual(shown["status"], "failed")
        self.assertEqual(shown["error"]["type"], "ItemsFailed")
        skipped, failed = len(range(3, 100, 7)), [item for item in range(0, 100, 5) if item % 7 != 3]
        said = shown["progress"]["chunks"]
        self.assertEqual((said["committed"], said["skipped"], said["failed"]), (100, skipped, len(failed)))
        self.assertIn("ValidationError: no stock of 5", [reason["text"] for reason in said["reasons"]])
        place = frappe.get_doc("Job Checkpoint", self.checkpoint(job_id).name)
        self.assertEqual([row.item for row in place.items], list(map(str, failed)))
        self.assertIn("frappe.throw", place.items[0].traceback)
        done = [item for item in range(100) if item % 7 != 3 and item not in failed]
        self.assert_all_once([*done, *(f"after {item}" for item in done)])
        frappe.cache.set_value(good, 1, expires_in_sec=60)
        self.retry(job_id)
        self.work()
        self.assertEqual(self.status(job_id), "finished")
        all_done = [item for item in range(100) if item % 7 != 3]
        self.assert_all_once([*all_done, *(f"after {item}" for item in all_done), BEHIND])
        place = self.checkpoint(job_id)
        self.assertEqual((place.failed, place.skipped, place.reasons), (0, skipped, f'{{"on hold": {skipped}}}'))
        self.assertEqual(frappe.db.count("Job Checkpoint Item", {"parent": place.name}), 0)

    def test_a_job_may_end_well_though_items_failed(self) -> None:
        job_id = self.enqueue(f"{JOBS}.some_fail", count=20, good="never", fail_at_end=False)
        self.work()
        shown = console().jobs.show(job_id)
        self.assertEqual(shown["status"], "finished")
        self.assertEqual(shown["result"]["failed"], 3)
        self.assertEqual(shown["result"]["reasons"]["on hold"], 3)

    def test_run_again_in_place_it_goes_on_after_the_last_chunk(self) -> None:
        mark = f"{self.id()}:mark"
        frappe.cache.delete_value(mark)
        job_id = self.enqueue(f"{JOBS}.retried_in_place", count=30, at=17, mark=mark)
        self.work()
        # For RQ it failed all the same: Frappe stumbles when it leaves the first try.
        self.assertEqual(self.checkpoint(job_id).runs, 2)
        self.assert_all_once([*range(30), *(f"second {item}" for item in range(30))])

    def test_too_many_failures_are_no_odd_items(self) -> None:
        job_id = self.enqueue(f"{JOBS}.too_many_fail", count=progress_limits.FAILED_ITEMS + 200)
        self.work()
        self.assertEqual(console().jobs.show(job_id)["error"]["type"], "ValueError")
        self.assertEqual(self.checkpoint(job_id).failed, progress_limits.FAILED_ITEMS)

    def test_what_was_done_is_never_taken_for_something_else(self) -> None:
        mark = f"{self.id()}:mark"
        frappe.cache.delete_value(mark)
        job_id = self.enqueue(f"{JOBS}.changing_loops", mark=mark)
        self.work()
        self.retry(job_id)
        self.work()
        self.assertIn("goes over rows of DocType now", console().jobs.show(job_id)["error"]["message"])
        job_id = self.enqueue(f"{JOBS}.same_name")
        self.work()
        self.assertIn("Two loops of this job are called 'days'", console().jobs.show(job_id)["error"]["message"])

    def test_a_rollback_in_the_body_loses_nothing(self) -> None:
        job_id = self.enqueue(f"{JOBS}.roll_back", count=40, at=25)
        self.work()
        self.assertIn("undid 5 items before the present one", console().jobs.show(job_id)["error"]["message"])
        self.assert_all_once(range(20))

    def test_whoever_commits_the_place_goes_along(self) -> None:
        job_id = self.enqueue(f"{JOBS}.commit_itself", count=40, die=28)
        self.work()
        self.assertEqual(self.status(job_id), "failed")
        # The item in whose body it committed counts when the loop goes on to the next one.
        self.assertEqual(self.checkpoint(job_id).committed, 24)
        self.assert_all_once(range(25))

    def test_a_process_that_was_thought_dead_commits_nothing_any_more(self) -> None:
        self.made.append(f"{frappe.local.site}||{uuid4().hex}")
        place = checkpoint.make(self.made[-1], "now", "1", "x", 10)
        frappe.db.commit()
        newer = checkpoint.claim(place.job, "now", "1")
        frappe.db.commit()
        chunks_testing.effect("of the zombie")
        with self.assertRaises(checkpoint.TakenOver):
            place.write()
        frappe.db.rollback()
        newer.write()
        self.assertEqual(effects(), [])

    def test_a_new_job_of_the_same_id_begins_anew(self) -> None:
        options = {"job_id": "job-console-test-again", "queue": "short", "count": 20}
        for _time in range(2):
            job = frappe.enqueue(f"{JOBS}.over_list", deduplicate=True, **options)
            self.made.append(job.id)
            self.work()
        self.assert_all_once([*range(20), BEHIND, *range(20), BEHIND])

    def test_the_same_work_twice_is_refused_within_itself(self) -> None:
        job_id = self.enqueue(f"{JOBS}.inner")
        self.work()
        self.assertIn("within another one", console().jobs.show(job_id)["error"]["message"])

    def test_outside_a_job_it_is_a_plain_loop(self) -> None:
        frappe.db.commit()
        with patch.object(frappe.db, "commit", side_effect=AssertionError):
            for item in job_console.each(range(250)):
                chunks_testing.effect(item)
        self.assertEqual(len(effects()), 250)
        frappe.cache.delete_value("never")
        with self.assertRaises(ItemsFailed):
            chunks_testing.some_fail(10, "never")
        self.assertRaises(BadRequest, job_console.each, range(3), size=0)

    def test_old_places_are_cleared(self) -> None:
        place = checkpoint.make("old", "now", "1", "x", 10)
        place.failed = 1
        place.write([checkpoint.Failed([1, "a"], "a", "why", "")])
        frappe.get_doc("Job Checkpoint", place.name).clear_old_logs(days=30)
        self.assertTrue(frappe.db.exists("Job Checkpoint", place.name))
        long_ago = frappe.utils.add_days(frappe.utils.now_datetime(), -31)
        frappe.db.set_value("Job Checkpoint", place.name, "modified", long_ago, update_modified=False)
        frappe.get_doc("Job Checkpoint", place.name).clear_old_logs(days=30)
        self.assertFalse(frappe.db.exists("Job Checkpoint", place.name))
        self.assertFalse(frappe.db.exists("Job Checkpoint Item", {"parent": place.name}))
