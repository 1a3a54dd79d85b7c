"""Everything of this app that can be called from outside: by whom, by which HTTP method, and what it may write."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from unittest.mock import patch

import frappe
from frappe.database.database import Database

import job_console
from job_console import api
from job_console.bridge.tests.testing import CLERK, SiteTestCase
from job_console.engine.redis import keys

#: Arguments of those that only read. What is not here must be called by POST.
READS: dict[str, dict[str, object]] = {
    "snapshot": {},
    "warnings": {},
    "metrics": {},
    "metrics_history": {"last": "7d"},
    "moment": {},
    "weekly_report": {},
    "what_if": {},
    "open_incidents": {},
    "jobs": {},
    "search": {"text": "x"},
    "failures": {},
    "failure_jobs": {"group": "0" * 16},
    "complete_query": {"q": "status:fai"},
    "waiting": {},
    "bulks": {},
    "views": {},
    "my_jobs": {},
    "document_jobs": {"doctype": "ToDo", "name": "x"},
    "show": {"job_id": ""},
    "explain": {"job_id": ""},
    "where": {"job_id": ""},
    "profile": {"job_id": ""},
    "log": {"job_id": ""},
    "schedule": {},
    "schedule_preview": {"cron": "0 1 * * *"},
    "schedule_day": {},
    "schedule_quieter": {},
    "audit": {},
    "locks": {},
    "lock": {"key": "x|y"},
    "lanes": {},
    "drain": {},
    "about_warning": {"code": "worker_lost"},
    "try_policy": {"policy": {"match_by": "Method", "method": "a.b"}},
    "draft_policy": {"job_id": ""},
    "check_policy": {"policy": {"match_by": "Method", "method": "a.b"}},
    "seen_methods": {},
    "job_form": {},
    "early_jobs": {},
}
#: Of whoever is logged in: test_own_jobs.py tells what of each row. None is for guests.
FOR_USERS = ("my_jobs", "document_jobs", "cancel_my_job")
ADD = "job_console.bridge.tests.testing.add"
#: The import contracts hold that; and some of their modules want libraries that a bench may not have.
_NEVER_FRAPPE = ("job_console.console", "job_console.engine", "job_console.lint")
_FOR_PYTEST = "job_console.testing.fixtures"
_NOT_LOOKED_AT = (keys.OURS.encode(), keys.WORKERS.encode(), keys.WORKER_PREFIX.encode())
_WRITES = ("insert", "update", "delete", "replace", "create", "drop", "alter", "truncate")


def whitelisted() -> list[Callable]:
    """Of all modules of the app; tests too, which are installed with it on a bench."""
    for module in pkgutil.walk_packages(job_console.__path__, "job_console."):
        if not module.name.startswith((*_NEVER_FRAPPE, _FOR_PYTEST)) and ".patches" not in module.name:
            importlib.import_module(module.name)
    return [each for each in frappe.whitelisted if (each.__module__ or "").split(".")[0] == "job_console"]


class TestWhitelisted(SiteTestCase):
    def test_all_are_functions_of_the_api(self) -> None:
        """Frappe runs a document's whitelisted method by GET, whatever it names (`/api/resource/…?run_method`)."""
        found = whitelisted()
        self.assertIn(api.snapshot, found)
        self.assertEqual([each for each in found if not each.__module__.startswith(f"{api.__name__}.")], [])
        self.assertEqual([each for each in found if getattr(api, each.__name__) is not each], [])
        self.assertEqual([each for each in found if "." in each.__qualname__], [])

    def test_none_is_for_guests_and_all_but_ones_own_jobs_are_for_managers(self) -> None:
        for function in whitelisted():
            for user in ("Guest",) if function.__name__ in FOR_USERS else (CLERK, "Guest"):
                with self.subTest(function.__name__, user=user), self.user(user):
                    if function is not api.metrics:  # that wants a token of them: test_metrics.py
                        self.assertNotIn(function, frappe.guest_methods)
                    with self.assertRaises((frappe.PermissionError, TypeError)) as refused:
                        function(**READS.get(function.__name__, {}))
                    self.assertNotIsInstance(refused.exception, TypeError)

    def test_what_takes_get_only_reads(self) -> None:
        job_id = self.enqueue(ADD, one=1, other=2)
        methods = frappe.allowed_http_methods_for_whitelisted_func
        for function in whitelisted():
            if methods[function] == ["POST"]:
                continue
            with self.subTest(function.__name__):
                self.assertIn(function.__name__, READS, "what writes takes POST only, with the session's token")
                arguments = READS[function.__name__]
                arguments = {name: job_id if name == "job_id" else value for name, value in arguments.items()}
                with self.nothing_is_written():
                    try:
                        function(**arguments)
                    except frappe.DoesNotExistError:
                        self.assertIn(function.__name__, ("lock", "failure_jobs"))
                    except frappe.ValidationError:
                        self.assertIs(function, api.metrics, "its library may be missing")
                        self.assertIsNone(find_spec("prometheus_client"))

    @contextmanager
    def nothing_is_written(self) -> Iterator[None]:
        """Neither in the site's database nor to any job, queue or worker."""
        before, written, execute = self.of_rq(), [], Database.sql

        def heard(db: Database, query: object, *arguments: object, **options: object) -> object:
            if str(query).lstrip(" (\n\t").lower().startswith(_WRITES):
                written.append(str(query))
            return execute(db, query, *arguments, **options)

        with patch.object(Database, "sql", heard):
            yield
        self.assertEqual(written, [])
        self.assertTrue(self.of_rq() == before, "something of RQ's has changed")

    def of_rq(self) -> dict[bytes, object]:
        """Workers of earlier tests expire by themselves."""
        read = {
            b"hash": self.redis.hgetall,
            b"list": lambda name: self.redis.lrange(name, 0, -1),
            b"zset": lambda name: self.redis.zrange(name, 0, -1, withscores=True),
            b"set": self.redis.smembers,
        }
        names = [name for name in self.redis.scan_iter("rq:*", count=1000) if not name.startswith(_NOT_LOOKED_AT)]
        return {name: read[kind](name) for name in names if (kind := self.redis.type(name)) in read}
