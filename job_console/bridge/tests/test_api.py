"""The desk's API on a real site: who may call it, what it shows of Frappe's own jobs, and what it hides."""

import json
import time

import frappe

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.tests.testing import CLERK, MANAGER, OTHER_SITE, SiteTestCase
from job_console.engine.watch.past_duty import keep_picture

ADD = "job_console.bridge.tests.testing.add"
FAIL = "job_console.bridge.tests.testing.fail"
READS = {
    "snapshot": {},
    "warnings": {},
    "jobs": {},
    "search": {"text": "x"},
    "show": {"job_id": "x"},
    "audit": {},
    "moment": {},
}


class TestPermissions(SiteTestCase):
    def test_only_system_managers_read(self) -> None:
        for user in (CLERK, "Guest"):
            for name, arguments in READS.items():
                with self.subTest(user=user, call=name), self.user(user), self.assertRaises(frappe.PermissionError):
                    getattr(api, name)(**arguments)

    def test_only_system_managers_act(self) -> None:
        job_id = self.enqueue(ADD, one=1, other=2)
        with self.user(CLERK), self.assertRaises(frappe.PermissionError):
            api.act("cancel", [job_id])
        self.assertEqual(api.show(job_id)["status"], "queued")

    def test_actions_are_post_only_and_nothing_is_for_guests(self) -> None:
        methods = frappe.allowed_http_methods_for_whitelisted_func
        self.assertEqual(methods[api.act], ["POST"])
        for name in (*READS, "act"):
            self.assertIn(getattr(api, name), frappe.whitelisted)
            self.assertNotIn(getattr(api, name), frappe.guest_methods)

    def test_only_system_managers_operate(self) -> None:
        calls = (
            lambda: api.operate("suspend", "", 600, "why"),
            api.drain,
            lambda: api.about_warning("killed"),
        )
        for call in calls:
            with self.user(CLERK), self.assertRaises(frappe.PermissionError):
                call()
        self.assertEqual(frappe.allowed_http_methods_for_whitelisted_func[api.operate], ["POST"])
        self.assertFalse(api.drain()["draining"])
        self.assertTrue(api.about_warning("killed")["true"])

    def test_annotations_are_enforced(self) -> None:
        with self.assertRaises(frappe.exceptions.FrappeTypeError):
            frappe.call(api.jobs, page={"not": "a number"})

    def test_settings_are_for_system_managers(self) -> None:
        """The room of the pushes is joined by those who may read this doctype."""
        self.assertTrue(frappe.has_permission("Job Console Settings", "read"))
        with self.user(CLERK):
            self.assertFalse(frappe.has_permission("Job Console Settings", "read"))


class TestFrappesJobs(SiteTestCase):
    def test_the_wrapper_is_seen_through(self) -> None:
        job = api.show(self.enqueue(ADD, one=1, other=2))
        self.assertEqual((job["method"], job["label"], job["kind"]), (ADD, ADD, "method"))
        self.assertEqual((job["site"], job["user"]), (frappe.local.site, frappe.session.user))
        self.assertEqual(job["arguments"], {"one": 1, "other": 2})

    def test_a_function_reference_shows_its_name(self) -> None:
        from job_console.bridge.tests import testing

        self.assertEqual(api.show(self.enqueue(testing.add, one=1, other=2))["method"], ADD)

    def test_a_document_method_names_the_document(self) -> None:
        job_id = frappe.enqueue_doc("User", frappe.session.user, "get_social_login_userid", queue="short").id
        self.made.append(job_id)
        job = api.show(job_id)
        self.assertEqual((job["method"], job["kind"]), ("User.get_social_login_userid", "document"))
        self.assertEqual(job["document"], {"doctype": "User", "name": frappe.session.user})

    def test_a_scheduled_job_shows_what_is_scheduled(self) -> None:
        frappe.set_user("Administrator")
        record = frappe.get_last_doc("Scheduled Job Type", filters={"method": ["like", "frappe.%"]})
        record.enqueue(force=True)
        engine().watch.forget()
        found = api.search(method=record.method)["jobs"]
        self.made += [job["id"] for job in found]
        self.assertEqual({(job["method"], job["kind"]) for job in found}, {(record.method, "scheduled")})

    def test_secrets_are_hidden_also_those_named_in_the_settings(self) -> None:
        settings = frappe.get_single("Job Console Settings")
        settings.secret_names = "iban\n"
        settings.save()
        self.addCleanup(frappe.db.set_single_value, "Job Console Settings", "secret_names", "")
        job = api.show(self.enqueue(ADD, one=1, other=2, password="hunter2", customer_iban="DE02", note="kept"))
        text = json.dumps(job)
        self.assertNotIn("hunter2", text)
        self.assertNotIn("DE02", text)
        self.assertEqual(job["arguments"]["note"], "kept")

    def test_a_failed_job_shows_its_traceback_and_can_be_retried(self) -> None:
        job_id = self.enqueue(FAIL)
        self.work()
        job = api.show(job_id)
        self.assertEqual((job["status"], job["error"]["type"]), ("failed", "ValueError"))
        self.assertIn("on purpose", job["error"]["traceback"])
        (result,) = api.act("retry", [job_id])["results"]
        self.assertEqual((result["ok"], result["state_before"], result["state_after"]), (True, "failed", "queued"))
        self.work()
        self.assertEqual([run["outcome"] for run in api.show(job_id)["runs"]], ["failed", "failed"])

    def test_a_canceled_job_does_not_run_and_the_trail_says_who(self) -> None:
        job_id = self.enqueue(ADD, one=1, other=2)
        (result,) = api.act("cancel", json.dumps([job_id]), reason="not needed")["results"]
        self.assertTrue(result["ok"])
        self.work()
        self.assertEqual(api.show(job_id)["status"], "canceled")
        entry = api.audit()["entries"][0]
        self.assertEqual(
            (entry["actor"], entry["action"], entry["job_id"], entry["reason"]),
            (frappe.session.user, "cancel", job_id, "not needed"),
        )

    def test_what_cannot_be_found_is_a_404(self) -> None:
        with self.assertRaises(frappe.DoesNotExistError):
            api.show("no-such-job")


class TestOtherSites(SiteTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.theirs = self.enqueue_elsewhere("their.secret.method", their="argument")
        self.ours = self.enqueue(ADD, one=1, other=2)
        engine().watch.forget()

    def test_no_answer_names_another_sites_job(self) -> None:
        answers = [
            api.snapshot(),
            api.warnings(),
            api.jobs(size=100),
            api.search(text="their"),
            api.search(method="their*"),
            api.jobs(queue="short", status="queued", size=100),
        ]
        text = json.dumps(answers)
        for trace in (self.theirs, "their.secret", OTHER_SITE):
            self.assertNotIn(trace, text)
        self.assertIn(self.ours, text)

    def test_nor_does_the_past(self) -> None:
        look = engine().watch.look()
        keep_picture(engine(), look)
        then = api.moment(look.bench.at.isoformat())
        text = json.dumps(then)
        for trace in (self.theirs, "their.secret", OTHER_SITE):
            self.assertNotIn(trace, text)
        (lane,) = [lane for lane in then["snapshot"]["queues"] if lane["label"] == "short"]
        self.assertEqual([job["id"] for job in lane["head"]], [self.ours])
        self.assertGreaterEqual(lane["head_elsewhere"], 1)
        self.assertTrue(then["snapshot"]["read_only"])

    def test_it_is_counted_because_it_explains_the_waiting(self) -> None:
        (lane,) = [lane for lane in api.snapshot()["queues"] if lane["label"] == "short"]
        self.assertGreaterEqual(lane["head_elsewhere"], 1)
        self.assertGreaterEqual(lane["counts"]["queued"], 2)

    def test_it_can_be_neither_shown_nor_touched(self) -> None:
        with self.assertRaises(frappe.DoesNotExistError):
            api.show(self.theirs)
        with self.assertRaises(frappe.DoesNotExistError):
            api.log(self.theirs)
        for action in ("cancel", "delete", "front", "retry", "stop", "requeue", "fail", "free"):
            (result,) = api.act(action, [self.theirs])["results"]
            self.assertEqual((result["ok"], result["state_before"]), (False, "missing"), action)
        self.assertEqual(self.redis.hget(f"rq:job:{self.theirs}", "status"), b"queued")


class TestGhost(SiteTestCase):
    def test_a_ghost_is_named_and_freed_and_deduplication_works_again(self) -> None:
        """frappe#31325: a worker on several queues dies between pop and start."""
        job_id = self.enqueue(ADD, one=1, other=2, deduplicate=True)
        bare = job_id.partition("||")[2] or job_id.partition("::")[2]
        self.redis.lrem(f"rq:queue:{frappe.utils.background_jobs.generate_qname('short')}", 0, job_id)
        self.redis.hset(f"rq:job:{job_id}", "enqueued_at", "2026-01-01T00:00:00.000000Z")
        again = {"queue": "short", "job_id": bare, "deduplicate": True, "one": 1, "other": 2}
        self.assertIsNone(frappe.enqueue(ADD, **again), "Frappe refuses it: that is the fault")

        def found() -> list[dict]:
            engine().watch.forget()
            return [each for each in api.warnings()["warnings"] if each["job_id"] == job_id]

        deadline = time.monotonic() + 30
        while not found() and time.monotonic() < deadline:
            time.sleep(0.5)
        (warning,) = found()
        self.assertEqual(warning["code"], "ghost_queued")
        self.assertTrue(api.act("delete", [job_id])["results"][0]["ok"])
        self.assertIsNotNone(frappe.enqueue(ADD, **again))
        self.assertEqual(found(), [])


class TestSavedViews(SiteTestCase):
    def test_they_are_a_persons_own_or_shared_on_the_site(self) -> None:
        api.save_view("Failed", "status:failed", "-ended")
        shared = api.save_view("Syncs", "method:sync_*", shared=True)
        self.assertEqual([each["name"] for each in shared["views"]], ["Failed", "Syncs"])
        with self.user("Administrator"):
            (view,) = api.views()["views"]
            self.assertEqual((view["name"], view["owner"], view["may_delete"]), ("Syncs", MANAGER, True))
            self.assertEqual(api.delete_view(view["id"])["views"], [])
        (mine,) = api.views()["views"]
        self.assertEqual(api.delete_view(mine["id"])["views"], [])
        with self.assertRaisesRegex(frappe.ValidationError, "Do you mean 'method'"):
            api.save_view("Wrong", "metod:x")
