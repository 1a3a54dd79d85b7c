"""The hooks inside Frappe's jobs: pages are told, and nothing of ours can break a job."""

import json
import time
from unittest.mock import patch

import frappe
from redis import Redis
from rq.timeouts import JobTimeoutException

from job_console import api
from job_console.bridge import realtime
from job_console.bridge.tests.testing import SiteTestCase
from job_console.engine.redis import keys
from job_console.runtime.run import hooks
from job_console.runtime.run.batch import Batch

ADD = "job_console.bridge.tests.testing.add"


class TestHorse(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.nobody_views()

    def test_a_running_job_tells_the_pages_of_its_site_and_carries_nothing(self) -> None:
        listener = self.redis.pubsub(ignore_subscribe_messages=True)
        listener.subscribe("events")
        self.addCleanup(listener.close)
        listener.get_message(timeout=1)
        self.redis.delete(keys.own("told", frappe.local.site))
        self.enqueue(ADD, one=1, other=2)
        self.work()
        events = []
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            message = listener.get_message(timeout=1)
            event = json.loads(message["data"]) if message else {}
            if event.get("event") == realtime.EVENT:
                events.append(event)
                break
        (event,) = events
        self.assertEqual((event["room"], event["namespace"]), (realtime.ROOM, frappe.local.site))
        self.assertFalse(event["message"])

    def tell(self, redis: Redis) -> None:
        batch = Batch(redis)
        realtime.ask(batch.pipeline, batch.then)
        for done in batch.go():
            done()

    def test_many_jobs_tell_seldom(self) -> None:
        listener = self.redis.pubsub(ignore_subscribe_messages=True)
        listener.subscribe("events")
        self.addCleanup(listener.close)
        self.redis.delete(keys.own("told", frappe.local.site))
        with patch.object(realtime, "QUIET_MS", 60_000):
            for _ in range(100):
                self.tell(self.redis)
        heard = [message for _ in range(110) if (message := listener.get_message(timeout=0.01))]
        self.assertEqual(len([each for each in heard if realtime.EVENT.encode() in each["data"]]), 1)

    def test_whose_redis_user_may_not_publish_tells_by_frappes_own_means(self) -> None:
        """As on a bench with `use_rq_auth`."""
        self.redis.execute_command("ACL", "SETUSER", "clerk", "on", ">secret", "~rq:*", "+@all", "resetchannels")
        self.addCleanup(self.redis.execute_command, "ACL", "DELUSER", "clerk")
        self.redis.delete(keys.own("told", frappe.local.site))
        clerk = Redis.from_url(frappe.conf.redis_queue, username="clerk", password="secret")
        self.addCleanup(clerk.close)
        with patch("frappe.publish_realtime") as reported, patch.object(realtime, "QUIET_MS", 60_000):
            for _ in range(10):
                self.tell(clerk)
        self.assertEqual(reported.call_count, 1)

    def test_the_jobs_own_alarm_is_not_swallowed(self) -> None:
        """It rings once: a hook that kept it to itself would let the job run without end."""
        with (
            patch("job_console.runtime.run.hooks.current_run.begin", side_effect=JobTimeoutException),
            patch("job_console.runtime.run.hooks.get_current_job"),
            self.assertRaises(JobTimeoutException),
        ):
            hooks.before_job(ADD, {})

    def test_a_broken_hook_does_not_break_the_job(self) -> None:
        self.redis.delete(keys.HOOK_FAILURES)
        with (
            patch("job_console.runtime.run.hooks.realtime.ask", side_effect=RuntimeError),
            patch("job_console.runtime.run.hooks.outcome"),
            patch("job_console.runtime.run.hooks.policy"),
            patch("job_console.runtime.run.hooks.retries"),
            patch("job_console.runtime.run.hooks.incidents"),
            patch("job_console.runtime.run.hooks.stacks"),
            patch("job_console.runtime.run.hooks.get_current_job") as job,
        ):
            job.return_value.connection = self.redis
            hooks.before_job(ADD, {})
            hooks.after_job(ADD, {})
        self.assertEqual(int(self.redis.get(keys.HOOK_FAILURES)), 2)

    def test_the_job_itself_works(self) -> None:
        job_id = self.enqueue(ADD, one=1, other=2)
        self.work()
        job = api.show(job_id)
        self.assertEqual((job["status"], job["result"]), ("finished", 3))
