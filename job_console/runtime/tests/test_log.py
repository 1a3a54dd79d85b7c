"""What a job of this site prints and logs is kept, by the hooks of the app."""

import os
import signal
from pathlib import Path
from typing import Any

from frappe.installer import update_site_config

from job_console import api
from job_console.bridge.tests.testing import MANAGER, SiteTestCase
from job_console.engine.output import limits as output_limits
from job_console.engine.redis import keys

JOBS = "job_console.runtime.tests.log_testing"


class TestLog(SiteTestCase):
    def said(self, job_id: str) -> list[tuple[str, str, str]]:
        return [(each["level"], each["source"], each["text"]) for each in api.log(job_id)["entries"]]

    def check(self, job_id: str) -> None:
        said = self.said(job_id)
        self.assertIn(("", "stdout", "printed, password=••••••"), said)
        (logged,) = [each for each in said if each[0] == "error" and "logged by" in each[2]]
        self.assertIn("job_console_test", logged[1])
        self.assertEqual(logged[2], f"logged by {MANAGER}")
        self.assertTrue([each for each in said if each[1] == "stderr" and "an old habit" in each[2]], said)

    def test_what_a_job_says(self) -> None:
        well, failed = self.enqueue(f"{JOBS}.speak"), self.enqueue(f"{JOBS}.speak", fails=True)
        self.work()
        for job_id in (well, failed):
            self.check(job_id)
            self.assertEqual(api.log(job_id)["notes"], [])
        self.assertLessEqual(self.redis.ttl(keys.log(well)), output_limits.DONE_TTL_S)
        self.assertGreater(self.redis.ttl(keys.log(failed)), output_limits.DONE_TTL_S)

    def test_a_worker_that_does_not_fork(self) -> None:
        first, second = self.enqueue(f"{JOBS}.speak"), self.enqueue(f"{JOBS}.speak")
        self.work(fork=False)
        for job_id in (first, second):
            self.check(job_id)
            self.assertEqual(len([each for each in self.said(job_id) if each[1] == "stdout"]), 1)

    def test_the_last_words_of_one_that_was_killed(self) -> None:
        job_id = self.enqueue(f"{JOBS}.speak_and_sleep")
        with self.working():
            self.wait(lambda: self.said(job_id))
            self.assertTrue(api.log(job_id)["running"])
            os.kill(self.horse(job_id), signal.SIGKILL)
        log: dict[str, Any] = api.log(job_id)
        self.assertEqual(self.said(job_id), [("", "stdout", "before the end")])
        self.assertIn("up to its death", log["notes"][0])

    def horse(self, job_id: str) -> int:
        worker = self.redis.hget(f"rq:job:{job_id}", "worker_name").decode()
        pid = int(self.redis.hget(f"rq:worker:{worker}", "pid"))
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def test_it_can_be_left_off(self) -> None:
        update_site_config("job_console_log", 0)
        self.addCleanup(update_site_config, "job_console_log", "None")
        job_id = self.enqueue(f"{JOBS}.speak")
        self.work()
        self.assertEqual(self.said(job_id), [])
        self.assertFalse(self.redis.exists(keys.log(job_id)))
