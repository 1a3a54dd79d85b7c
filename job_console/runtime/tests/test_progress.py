"""Progress of Frappe's jobs: on our page, to their user, and what they hear."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import frappe

import job_console
from job_console.bridge.access import console
from job_console.bridge.tests.testing import CLERK, SiteTestCase
from job_console.engine.progress import flags
from job_console.runtime.progress import frappe_events, progress, user_notice

JOBS = "job_console.runtime.tests.progress_testing"


class TestProgress(SiteTestCase):
    def test_a_job_that_tracks_its_loop_is_seen_with_how_far_it_came(self) -> None:
        job_id = self.enqueue(f"{JOBS}.count", to=7)
        self.work()
        said = console().jobs.show(job_id)["progress"]
        self.assertEqual((said["done"], said["total"], said["text"], said["fraction"]), (7, 7, "counting", 1))

    def test_a_killed_job_keeps_where_it_was(self) -> None:
        job_id = self.enqueue(f"{JOBS}.count_and_die", to=60)
        self.work()
        shown = console().jobs.show(job_id)
        self.assertEqual(shown["status"], "failed")
        self.assertGreater(shown["progress"]["done"], 10)
        self.assertEqual(shown["progress"]["total"], 60)
        self.assertIn("It had come to ", " ".join(console().jobs.explain(job_id)["because"]))

    def test_it_stops_when_asked_and_nothing_of_it_is_committed(self) -> None:
        frappe.db.set_single_value("Job Console Settings", "secret_names", "whole")
        frappe.db.commit()
        job_id = self.enqueue(f"{JOBS}.endless")
        with self.working():
            self.wait(lambda: console().jobs.show(job_id)["progress"])
            self.assertEqual(flags.ask(self.redis, job_id, flags.STOP, "sam@example.com", "wrong year"), "asked")
            self.wait(lambda: console().jobs.show(job_id)["status"] == "stopped")
        self.assertIn("Stopped by sam@example.com: wrong year", console().jobs.show(job_id)["error"]["message"])
        frappe.db.rollback()
        self.assertEqual(frappe.db.get_single_value("Job Console Settings", "secret_names", cache=False), "whole")
        self.assertFalse(frappe.db.exists("Error Log", {"method": f"{JOBS}.endless"}))

    def test_of_loops_within_loops_the_outermost_speaks(self) -> None:
        job_id = self.enqueue(f"{JOBS}.loops_in_loops")
        self.work()
        said = console().jobs.show(job_id)["progress"]
        self.assertEqual((said["done"], said["total"], said["text"]), (4, 4, "months"))

    def test_what_a_job_tells_through_frappe_is_on_our_page_too(self) -> None:
        job_id = self.enqueue(f"{JOBS}.tell_frappe")
        self.work()
        said = console().jobs.show(job_id)["progress"]
        self.assertEqual((said["done"], said["total"], said["text"]), (40, 100, "row 4 of 10"))
        self.assertTrue(said["overheard"])

    def test_its_user_sees_it_by_frappes_own_means_when_that_is_wanted(self) -> None:
        for wanted in (True, False):
            with self.events() as heard, self.user(CLERK):
                self.enqueue(f"{JOBS}.count", to_user=wanted)
                self.work()
                notified_user = [each for each in heard() if each["event"] == "progress"]
            if not wanted:
                self.assertEqual(notified_user, [])
                continue
            self.assertEqual(notified_user[-1]["message"]["percent"], 100)
            self.assertTrue(all(each["room"] == f"user:{CLERK}" for each in notified_user))

    def test_a_background_task_is_updated_in_its_own_way(self) -> None:
        task = frappe._dict(said=[])
        task.publish_progress = lambda percent, stage=None: task.said.append((percent, stage))
        with patch.object(frappe, "get_current_task", lambda: task, create=True):
            user_notice.publish(50, "half", to_user=False)
        self.assertEqual(task.said, [(50, "half")])

    def test_outside_a_job_they_are_plain_loops(self) -> None:
        self.assertEqual(list(job_console.track([1, 2, 3])), [1, 2, 3])
        job_console.progress(1, 2)
        self.assertIsNone(progress.of_current_run())

    def test_what_frappe_and_its_apps_publish_is_understood(self) -> None:
        for event, message, expected in (
            ("progress", {"percent": 12.5, "title": "T", "description": None}, (12.5, 100, "T")),
            ("progress", {"progress": [3, 8], "title": "T"}, (3, 8, "T")),
            ("data_import_progress", {"current": 3, "total": 8, "eta": 2}, (3, 8, "")),
            ("task_update", {"task_id": "x", "progress": 30, "stage": "Rows"}, (30, 100, "Rows")),
            ("task_update", {"task_id": "x", "status": "Running"}, None),
            ("progress", {"percent": "half"}, None),
            ("progress", "half", None),
            ("msgprint", {"percent": 5}, None),
        ):
            said = frappe_events.meant(event, message)
            self.assertEqual(said and (said.done, said.total, said.text), expected, event)

    @contextmanager
    def events(self) -> Iterator[Callable[[], list[dict]]]:
        """What is published to browsers meanwhile."""
        listener = self.redis.pubsub(ignore_subscribe_messages=True)
        listener.subscribe("events")
        listener.get_message(timeout=1)

        def heard() -> list[dict]:
            found = []
            while message := listener.get_message(timeout=0.5):
                found.append(json.loads(message["data"]))
            return found

        try:
            yield heard
        finally:
            listener.close()
