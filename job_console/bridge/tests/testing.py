"""What tests on a site share: one base for Frappe 15 and 16, users, and jobs that Frappe itself enqueues."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar
from unittest.mock import patch
from uuid import uuid4

import frappe
import frappe.share
from frappe.utils import background_jobs, get_bench_path
from frappe.utils.background_jobs import generate_qname, get_queues, get_redis_conn
from frappe.utils.password import update_password
from redis import Redis
from rq import Queue

import job_console
from job_console.bridge.connection import engine, queue_prefix
from job_console.bridge.tests import left_behind
from job_console.bridge.tests.workers_testing import BurstWorker
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.redis import keys

try:
    from frappe.tests import IntegrationTestCase as _Base
except ImportError:  # Frappe 15
    from frappe.tests.utils import FrappeTestCase as _Base

T = TypeVar("T")

MANAGER = "job-console-manager@example.com"
CLERK = "job-console-clerk@example.com"
#: Has a desk, and no right of a manager.
WAITER = "job-console-waiter@example.com"
MARK, OTHER_SITE = left_behind.MARK, left_behind.OTHER_SITE


class SiteTestCase(_Base):
    """Runs against the bench's own Redis, and leaves nothing there: neither its own jobs nor those that Frappe enqueues
    by the way (a new user's contact, the search index of a changed doctype).
    """

    @classmethod
    def setUpClass(cls) -> None:
        cls.addClassCleanup(_tidy_up, left_behind.standing(get_redis_conn()))
        super().setUpClass()
        _user(MANAGER, ["System Manager"])
        _user(CLERK, [])
        frappe.db.commit()

    def setUp(self) -> None:
        super().setUp()
        # A worker of an earlier test may have written since this connection first read (SQLite then refuses to write).
        frappe.db.commit()
        self.redis = get_redis_conn()
        self.addCleanup(_tidy_up, left_behind.standing(self.redis))
        self.made: list[str] = []
        left_behind.forget_dead_workers(self.redis)
        engine().watch.forget()
        # A job that ends may sweep, and write what no test waits for; SQLite has room for one writer.
        self.redis.set(keys.own("job_sweeps", frappe.local.site), 1, ex=600)
        self.addCleanup(self.redis.delete, keys.own("job_sweeps", frappe.local.site))
        for name in ("STOP_WAIT_S", "RUNG_WAIT_S"):  # a machine that stands still for some seconds changes no outcome
            patience = patch.object(jobs_limits, name, 40.0)
            patience.start()
            self.addCleanup(patience.stop)
        frappe.set_user(MANAGER)

    def tearDown(self) -> None:
        frappe.set_user("Administrator")
        for job_id in self.made:
            delete_job(self.redis, job_id)
        super().tearDown()

    def nobody_views(self) -> None:
        """Who notifies the site's open pages ends, and no snapshot is shared."""
        prefix, site = queue_prefix(), frappe.local.site
        self.redis.delete(keys.viewed(prefix, site), keys.notifier(prefix, site), keys.snapshots(prefix))

    def enqueue(self, method: str | Callable[..., object], queue: str = "short", **kwargs) -> str:
        """As an app does; the new job's id."""
        job_id = frappe.enqueue(method, queue=queue, job_id=f"{MARK}{uuid4().hex}", **kwargs).id
        self.made.append(job_id)
        return job_id

    def enqueue_elsewhere(self, method: str, queue: str = "short", **kwargs) -> str:
        """A job of another site of this bench."""
        job_id = write_foreign_job(self.redis, method, queue, **kwargs)
        self.made.append(job_id)
        return job_id

    def work(self, queue: str = "short", fork: bool = True) -> None:
        """A real worker that ends when the queue is empty."""
        with self.working(queue, fork):
            pass

    @contextmanager
    def working(self, queue: str = "short", fork: bool = True) -> Iterator[None]:
        """A worker in the background, ended when its queue is empty."""
        worker = BurstWorker(queue) if fork else self._pool(queue)
        try:
            yield
            worker.wait(300)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def _pool(self, queue: str) -> subprocess.Popen[bytes]:
        """A worker that does not fork: Frappe's pool of one, where this Frappe has it."""
        if not hasattr(background_jobs, "FrappeWorkerNoFork"):
            self.skipTest("All workers of this Frappe fork.")
        return subprocess.Popen(
            ["bench", "worker-pool", "--num-workers", "1", "--queue", queue, "--burst"],
            cwd=get_bench_path(),
            env={**os.environ, "FRAPPE_BACKGROUND_WORKERS_NOFORK": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait(self, until: Callable[[], T]) -> T:
        """Its first true answer."""
        deadline = time.monotonic() + 300
        while not (answer := until()):
            if time.monotonic() > deadline:
                self.fail(f"It did not happen in time. The last answer: {answer!r}")
            time.sleep(0.1)
        return answer

    @contextmanager
    def user(self, name: str) -> Iterator[None]:
        frappe.set_user(name)
        try:
            yield
        finally:
            frappe.set_user(MANAGER)


def write_foreign_job(redis: Redis, method: str, queue: str, **kwargs) -> str:
    """A job of another site of this bench, as Frappe would write it there; its id."""
    wrapped = {
        "site": OTHER_SITE,
        "user": f"boss@{OTHER_SITE}",
        "method": method,
        "event": None,
        "job_name": method,
        "is_async": True,
        "kwargs": kwargs,
    }
    job_id = f"{OTHER_SITE}||{uuid4().hex}"
    lane = Queue(generate_qname(queue), connection=redis)
    lane.enqueue_call("frappe.utils.background_jobs.execute_job", kwargs=wrapped, job_id=job_id)
    return job_id


def _tidy_up(before: set[left_behind.Entry]) -> None:
    """Remove what is new and about jobs of the tests' sites."""
    redis = get_redis_conn()
    left_behind.forget_dead_workers(redis)
    new = left_behind.standing(redis) - before
    left_behind.remove(redis, left_behind.of_sites(new, frappe.local.site, OTHER_SITE))


def delete_job(redis: Redis, job_id: str) -> None:
    for queue in get_queues():
        redis.lrem(queue.key, 0, job_id)
        for registry in ("wip", "failed", "finished", "canceled", "scheduled", "deferred"):
            redis.zrem(f"rq:{registry}:{queue.name}", job_id)
    redis.delete(f"rq:job:{job_id}", f"rq:results:{job_id}")


def _user(email: str, roles: list[str]) -> None:
    if not frappe.db.exists("User", email):
        frappe.get_doc(
            {"doctype": "User", "email": email, "first_name": email.partition("@")[0], "send_welcome_email": 0}
        ).insert(ignore_permissions=True)
    if roles:
        frappe.get_doc("User", email).add_roles(*roles)


# Methods for jobs of the tests.


def add(one: int, other: int, **ignored) -> int:
    return one + other


def fail(**ignored) -> None:
    raise ValueError("this one fails, on purpose")


class NoErrors(Exception):
    """It is false: an exception that holds errors, and has none."""

    def __len__(self) -> int:
        return 0


def fail_without_errors(**ignored) -> None:
    raise NoErrors


def sleep(seconds: float, **ignored) -> None:
    time.sleep(seconds)


def until(key: str, **ignored) -> None:
    """Runs until somebody sets this key."""
    while not get_redis_conn().exists(key):
        time.sleep(0.05)


def step(count: int, **ignored) -> None:
    """Ten a second, committed one by one."""
    for _number in job_console.each(range(count), size=5, text="stepping"):
        time.sleep(0.1)


def nothing(**ignored) -> None:
    pass


def lasts() -> None:
    """Longer than any test."""
    time.sleep(600)


def retried(name: str, **ignored) -> None:
    """As after a deadlock: Frappe runs it again at once, in place. It ends well the second time."""
    if not frappe.cache.get_value(f"{MARK}{name}"):
        frappe.cache.set_value(f"{MARK}{name}", 1, expires_in_sec=60)
        raise frappe.RetryBackgroundJobError


# For tests that drive the desk from outside, by `bench execute`.


def make_users(password: str) -> None:
    for email, roles in ((MANAGER, ["System Manager"]), (CLERK, []), (WAITER, ["Inbox User"])):
        _user(email, roles)
        update_password(email, password)
    frappe.db.commit()


def enqueue_here(method: str, queue: str = "short", **kwargs) -> str:
    return frappe.enqueue(f"{__name__}.{method}", queue=queue, job_id=f"{MARK}{uuid4().hex}", **kwargs).id


def waiters_document() -> str:
    name = frappe.get_doc({"doctype": "ToDo", "description": "somebody waits for it"}).insert().name
    frappe.share.add_docshare("ToDo", name, WAITER)
    frappe.db.commit()
    return name


def enqueue_for_waiter(method: str, **kwargs) -> str:
    frappe.set_user(WAITER)
    return enqueue_here(method, **kwargs)


def forget_document(name: str) -> None:
    frappe.delete_doc("ToDo", name, force=True, delete_permanently=True)
    frappe.db.commit()


def enqueue_on_another_site() -> str:
    return write_foreign_job(get_redis_conn(), "their.secret.method", "short", their="argument")


def others_incidents() -> str:
    """Those that are no test's, as a test finds them before it begins; names with commas between."""
    of_tests = ("like", "%.tests.%")
    names = frappe.get_all("Job Incident", filters={"method": of_tests}, pluck="name")
    return ",".join(frappe.get_all("Job Incident", filters={"name": ("not in", ["", *names])}, pluck="name"))


def forget_incidents(but: str) -> None:
    """All but these, and what people were told about them."""
    mine = frappe.get_all("Job Incident", filters={"name": ("not in", ["", *but.split(",")])}, pluck="name")
    frappe.db.delete("Job Incident", {"name": ("in", ["", *mine])})
    told = {"document_type": "Job Incident", "document_name": ("in", ["", *mine])}
    frappe.db.delete("Notification Log", told)
    frappe.db.commit()


LOCALE = ("time_zone", "date_format", "time_format", "number_format")


def locale_of(user: str) -> str:
    """The user's zone, then how the site writes times and numbers, in the order of LOCALE."""
    settings = [frappe.db.get_single_value("System Settings", field) for field in LOCALE]
    return "|".join([frappe.db.get_value("User", user, "time_zone") or "", *settings])


def set_locale(user: str, zone: str, settings: dict[str, str]) -> None:
    frappe.db.set_value("User", user, "time_zone", zone)
    frappe.get_single("System Settings").update(settings).save()
    frappe.db.commit()
