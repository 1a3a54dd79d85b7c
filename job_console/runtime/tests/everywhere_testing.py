"""The ways on which jobs are made without `job_console.enqueue`, and what tests of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import frappe
from frappe.utils import background_jobs, safe_exec
from frappe.utils.background_jobs import create_job_id, enqueue, get_queue

from job_console.bridge.connection import engine
from job_console.bridge.schedule.schedule import RECORD
from job_console.bridge.tests.policies_testing import ADD, PolicyTestCase
from job_console.engine.redis import keys

from .enqueue_testing import MINE

SLEEP = "job_console.bridge.tests.testing.sleep"
NOTHING = "job_console.bridge.tests.testing.nothing"
TASK = "frappe.utils.task_queue._execute_task"


@dataclass(frozen=True)
class Way:
    path: str
    #: Fields of a Job Policy that is for it.
    target: dict[str, str]
    #: Makes a job; its id.
    make: Callable[[], str]


def ways(todo: Any, schedule: str) -> list[Way]:
    """`todo`: a document; `schedule`: a Scheduled Job Type."""
    return [
        Way("frappe.enqueue", {"method": ADD}, lambda: frappe.enqueue(ADD, queue="short", one=1, other=2).id),
        # As modules have it that import it by name, a function instead of its name.
        Way("frappe.enqueue", {"method": MINE}, lambda: enqueue(_mine(), queue="short", timeout=55).id),
        Way("enqueue_doc", {"method": "ToDo.get_title"}, lambda: _of_document(todo)),
        Way("queue_action", {"method": "ToDo.add_tag"}, lambda: _action(todo)),
        Way("scheduler", {"match_by": "Scheduled Job Type", "scheduled_job_type": schedule}, lambda: _tick(schedule)),
        Way(
            "server_script", {"method": "frappe.ping"}, lambda: safe_exec.safe_enqueue("frappe.ping", queue="short").id
        ),
        Way("rq", {"method": SLEEP}, lambda: get_queue("short").enqueue_call(SLEEP, kwargs={"seconds": 0}).id),
        Way("rq", {"method": NOTHING}, _one_of_many),
    ]


def task(method: str, **kwargs: Any) -> str:
    """As `frappe.enqueue_task` of 17 does it, whatever Frappe this is; the job's id."""
    arguments = {"task_id": frappe.generate_hash(), "target_method": method, "task_user": frappe.session.user}
    return frappe.enqueue(TASK, queue="short", **arguments, **kwargs).id


def enqueue_from_a_job(**ignored: Any) -> str:
    """What a job does that enqueues another."""
    return background_jobs.enqueue(ADD, queue="short", one=1, other=2).id


def _one_of_many() -> str:
    queue = get_queue("short")
    return queue.enqueue_many([queue.prepare_data(NOTHING, timeout=300)])[0].id


def _mine() -> Callable:
    from .enqueue_testing import mine

    return mine


def _of_document(todo: Any) -> str:
    return frappe.enqueue_doc("ToDo", todo.name, "get_title", queue="short").id


def _action(todo: Any) -> str:
    try:
        return todo.queue_action("add_tag", tag="x", queue="short", enqueue_after_commit=False).id
    finally:
        todo.unlock()


def _tick(schedule: str) -> str:
    record = frappe.get_doc(RECORD, schedule)
    record.enqueue(force=True)
    return create_job_id(record.rq_job_id)


class EverywhereTestCase(PolicyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.redis.delete(keys.HOOK_FAILURES)
        self.forget_keys()
        self.addCleanup(self.forget_keys)

    def tearDown(self) -> None:
        self.assertIsNone(self.redis.get(keys.HOOK_FAILURES))
        super().tearDown()

    def forget_keys(self) -> None:
        for key in self.redis.scan_iter(keys.unique(frappe.local.site, "*"), count=1000):
            self.redis.delete(key)

    def make(self, **said):
        """Obeyed by this process at once."""
        doc = super().make(**said)
        engine().policies.forget(frappe.local.site)
        return doc

    def record(self, job_id: str) -> tuple[str, int]:
        """Its lane and its timeout."""
        lane, timeout = self.redis.hmget(keys.job(job_id), "origin", "timeout")
        return lane.decode().rpartition(":")[2], int(timeout)

    def status(self, job_id: str) -> str | None:
        found = self.redis.hget(keys.job(job_id), "status")
        return found and found.decode()

    def plain(self, **options) -> str:
        """A job of Frappe's own enqueueing; its id."""
        job_id = frappe.enqueue(ADD, **{"queue": "short", "one": 1, "other": 2, **options}).id
        self.made.append(job_id)
        return job_id
