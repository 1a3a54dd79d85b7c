"""For Frappe's test cases, or any of unittest: stands before the base class, and each test has jobs of its own."""

from collections.abc import Callable
from typing import Any

from .chaos import Kill
from .jobs import Jobs
from .recorded import EnqueuedJob, Ran


class JobTests:
    """`class TestOrder(JobTests, IntegrationTestCase)`. What each method does is said in `Jobs`."""

    jobs: Jobs

    def setUp(self) -> None:
        super().setUp()  # type: ignore[misc]
        self.jobs = Jobs()
        self.jobs.__enter__()
        self.addCleanup(self.jobs.__exit__)  # type: ignore[attr-defined]

    @property
    def enqueued(self) -> tuple[EnqueuedJob, ...]:
        return self.jobs.enqueued

    def assert_enqueued(self, method: str | Callable[..., Any], **wanted: Any) -> EnqueuedJob:
        return self.jobs.assert_enqueued(method, **wanted)

    def assert_not_enqueued(self, method: str | Callable[..., Any], **wanted: Any) -> None:
        self.jobs.assert_not_enqueued(method, **wanted)

    def committed(self) -> None:
        self.jobs.committed()

    def run_enqueued(self, method: str | Callable[..., Any] | None = None) -> tuple[Ran, ...]:
        return self.jobs.run_enqueued(method)

    def chaos(self, job: EnqueuedJob, result: Callable[[], Any]) -> tuple[Kill, ...]:
        return self.jobs.chaos(job, result)

    def run_twice_at_once(self, job: EnqueuedJob) -> tuple[Ran, Ran]:
        return self.jobs.run_twice_at_once(job)

    def run_at_once(self, first: EnqueuedJob, second: EnqueuedJob) -> tuple[Ran, Ran]:
        return self.jobs.run_at_once(first, second)

    def travel(self, **step: float) -> None:
        self.jobs.travel(**step)

    def tick(self, *methods: str) -> tuple[EnqueuedJob, ...]:
        return self.jobs.tick(*methods)
