"""Live on the desk: one look for all viewers of a site, and one process that tells them when there is something new."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe

from job_console import api
from job_console.bridge import live, realtime
from job_console.bridge.connection import queue_prefix
from job_console.bridge.tests.testing import SiteTestCase
from job_console.engine.redis import keys
from job_console.engine.watch import limits

ADD = "job_console.bridge.tests.testing.add"


class TestLive(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        site, prefix = frappe.local.site, queue_prefix()
        self.viewed, self.notifier = keys.viewed(prefix, site), keys.notifier(prefix, site)
        self.nobody_views()
        self.addCleanup(self.nobody_views)

    @contextmanager
    def heard(self) -> Iterator[Any]:
        """The next news of this site's pages, as Frappe's socket process hears it."""
        listener = self.redis.pubsub(ignore_subscribe_messages=True)
        listener.subscribe("events")
        listener.get_message(timeout=1)

        def next_one() -> dict[str, Any]:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                message = listener.get_message(timeout=1)
                event = json.loads(message["data"]) if message else {}
                if event.get("event") == realtime.EVENT:
                    return event
            raise AssertionError("nobody was told anything")

        try:
            yield next_one
        finally:
            listener.close()

    def test_who_views_is_told_of_what_waits_and_sees_it(self) -> None:
        """An enqueueing runs no code of ours: it is seen in Redis."""
        with self.heard() as next_one:
            api.snapshot()
            event = next_one()  # what changed before that began
            self.assertEqual((event["room"], event["namespace"]), (realtime.ROOM, frappe.local.site))
            self.assertEqual(list(event["message"]), ["at"], "nothing of what is there is told")
            job_id, waiting = self.enqueue(ADD, one=1, other=2), set()
            while job_id not in waiting:
                since = next_one()["message"]["at"]
                snapshot = api.snapshot(since=since)
                self.assertGreaterEqual(snapshot["at"], since)
                waiting = {job["id"] for lane in snapshot["queues"] for job in lane["head"]}

    def test_one_process_notifies(self) -> None:
        api.snapshot()
        token = self.redis.get(self.notifier)
        self.assertTrue(token)
        for _ in range(5):
            api.snapshot()
        self.assertEqual(self.redis.get(self.notifier), token)

    def test_it_ends_when_nobody_views(self) -> None:
        api.snapshot()
        self.assertGreater(self.redis.pttl(self.viewed), 0)
        token = self.redis.get(self.notifier).decode()
        notifier = live.SiteNotifier(self.redis, queue_prefix(), frappe.local.site, token)
        self.assertTrue(notifier.renew())
        self.redis.delete(self.viewed)
        self.assertFalse(notifier.renew())
        self.assertFalse(self.redis.exists(self.notifier))

    def test_a_job_leaves_the_telling_to_that_process(self) -> None:
        self.redis.delete(keys.own("told", frappe.local.site))
        self.redis.set(self.notifier, "somebody", ex=60)
        pipeline = self.redis.pipeline(transaction=False)
        realtime.ask(pipeline, lambda _then: None)
        self.assertEqual(pipeline.execute(), [0])
        self.assertFalse(self.redis.exists(keys.own("told", frappe.local.site)))

    def test_the_snapshot_is_shared_and_an_action_ends_it(self) -> None:
        first = api.snapshot()
        self.assertEqual(api.snapshot()["at"], first["at"])
        job_id = self.enqueue(ADD, one=1, other=2)
        api.act("cancel", [job_id])
        self.assertGreater(api.snapshot()["at"], first["at"])

    def test_a_time_that_is_none_is_refused(self) -> None:
        with self.assertRaises(frappe.ValidationError):
            api.snapshot(since="yesterday")

    def test_it_leaves_nothing_for_long(self) -> None:
        api.snapshot()
        for name in self.redis.scan_iter(keys.snapshots(queue_prefix()) + "*"):
            self.assertLessEqual(self.redis.pttl(name), 1000 * limits.VIEWED_S)
