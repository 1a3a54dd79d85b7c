"""Tests of code that enqueues: what it has enqueued, and running that in the test's own process. No worker is needed.

    from job_console.testing import JobTests

    class TestOrder(JobTests, IntegrationTestCase):
        def test_it_is_sent(self):
            order.submit()
            self.committed()
            self.assert_enqueued("shop.sync", customer="C-1")
            self.run_enqueued()

In pytest the fixture `jobs` of `job_console.testing.fixtures` has the same. See docs/testing.md.

The jobs are real ones of RQ, made and run by the code that production has, in an empty database of the bench's queue
Redis (`store`); the database of the site is the test's own transaction (`transaction`). May import every other room.
"""

from .case import JobTests
from .jobs import Jobs
from .recorded import EnqueuedJob, Ran

__all__ = ["EnqueuedJob", "JobTests", "Jobs", "Ran"]
