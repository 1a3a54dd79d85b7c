"""Job Policy on a real site: who may write it, what is refused in which words, and that Redis has what is committed."""

import frappe
from frappe.utils.background_jobs import get_queues_timeout

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.policies import form, policies
from job_console.bridge.tests.policies_testing import PolicyTestCase
from job_console.bridge.tests.testing import CLERK
from job_console.engine.models.policies import Alerts, Backoff, Limit, Policy
from job_console.engine.redis import keys

ADD = "job_console.bridge.tests.testing.add"
FAIL = "job_console.bridge.tests.testing.fail"
USERS = "job_console.bridge.tests.testing.make_users"


class TestValidation(PolicyTestCase):
    def refused(self, message: str, **said) -> None:
        with self.assertRaisesRegex(frappe.ValidationError, message):
            self.make(**said)
        frappe.db.rollback()

    def test_a_bare_policy_is_sound(self) -> None:
        doc = self.make()
        self.assertEqual((doc.name, doc.title), (ADD, ADD))

    def test_mistakes_are_reported_in_words(self) -> None:
        self.refused("There is no method", method="no.such.method")
        self.refused("There is no method", method="job_console.bridge.tests.testing.nothing_here")
        self.refused("A User has no method", method="User.no_such_method")
        self.refused("No worker serves a queue", queue="no-such-queue")
        self.refused("for jobs of up to 5 min", queue="short", timeout=get_queues_timeout()["short"] + 100)
        self.refused("colour.* is no argument of the method: it takes password", method=USERS, unique_key="{colour}")
        self.refused("sensitive arguments", method=USERS, sensitive_arguments="pin")
        self.refused("is no delay", attempts=3, backoff="List of Delays", delays="*/5 * * * *")
        self.refused("delays for 1 further", attempts=2, backoff="List of Delays", delays="1, 2, 3")
        self.refused("not tried again by itself", attempts=2, idempotency="Unsafe")
        self.refused("has no \\* in it", match_by="Pattern", pattern=ADD)
        self.refused("who is to be told", alert_failed=1)

    def test_all_mistakes_are_reported_at_once(self) -> None:
        self.refused("(?s)queue.*attempts", queue="no-such-queue", attempts=0)

    def test_a_method_of_a_document_is_known(self) -> None:
        self.assertEqual(self.make(method="User.get_social_login_userid", unique_key="{provider}").source, "Desk")

    def test_a_schedule_passes_no_arguments(self) -> None:
        record = frappe.get_all("Scheduled Job Type", limit=1, pluck="name")[0]
        self.refused("it takes none", match_by="Scheduled Job Type", scheduled_job_type=record, unique_key="{day}")

    def test_one_policy_for_one_target(self) -> None:
        self.make()
        self.refused("has a policy already", title="Another name")

    def test_what_does_not_count_is_cleared(self) -> None:
        doc = self.make(match_by="Pattern", pattern="shop.*", method=ADD)
        self.assertFalse(doc.method)

    def test_system_managers_only(self) -> None:
        self.make()
        with self.user(CLERK):
            self.assertFalse(frappe.has_permission("Job Policy", "read"))
            with self.assertRaises(frappe.PermissionError):
                self.make(method=FAIL)


class TestForm(PolicyTestCase):
    def test_what_ran_is_what_a_form_would_have_been_for(self) -> None:
        self.enqueue(ADD, one=1, other=2)
        self.work()
        before = self.runs({"match_by": "Pattern", "pattern": "job_console.bridge.tests.testing.*"})
        self.enqueue(ADD, one=1, other=2)
        self.enqueue_elsewhere("job_console.bridge.tests.testing.theirs")
        self.work()
        after = self.runs({"match_by": "Pattern", "pattern": "job_console.bridge.tests.testing.*"})
        self.assertEqual(after[ADD] - before[ADD], 1)
        self.assertNotIn("job_console.bridge.tests.testing.theirs", after)
        self.assertEqual(self.runs({"match_by": "Method", "method": "no.such.method"}), {})

    def test_all_mistakes_are_reported_at_once_each_at_its_field(self) -> None:
        wrong = {"method": ADD, "queue": "slow", "attempts": "many", "backoff": "List of Delays", "delays": "soon",
                 "unique_key": "{one", "expected_duration": -1, "alert_to": "nobody-of-that-name", "jitter": 300,
                 "alert_failed": 1}  # fmt: skip
        found = {each["field"]: each["text"] for each in api.check_policy(frappe.as_json(wrong))}
        self.assertEqual(
            set(found),
            {"queue", "attempts", "delays", "unique_key", "expected_duration", "alert_to", "jitter"},
        )
        self.assertIn("No worker serves", found["queue"])
        with self.assertRaisesRegex(frappe.ValidationError, "<b>Queue</b>.*<b>Unique Key</b>"):
            frappe.get_doc({"doctype": "Job Policy", "method": ADD, "queue": "slow", "unique_key": "{one"}).insert()

    def test_a_method_that_is_not_there_is_a_mistake_at_its_field(self) -> None:
        (found,) = api.check_policy(frappe.as_json({"method": "no.such.method", "timeout": 20}))
        self.assertEqual(found["field"], "method")
        self.assertEqual(api.check_policy(frappe.as_json({"method": ADD, "timeout": 20})), [])

    def test_a_second_policy_is_a_mistake_too(self) -> None:
        self.make(timeout=20)
        (found,) = api.check_policy(frappe.as_json({"method": ADD}))
        self.assertEqual(found["field"], "method")
        self.assertIn("has a policy already", found["text"])

    def test_methods_are_suggested_from_those_that_ran(self) -> None:
        self.enqueue(ADD, one=1, other=2)
        self.work()
        engine().watch.forget()
        self.assertIn(ADD, api.seen_methods())

    def test_a_method_of_a_document_may_be_given_by_its_name(self) -> None:
        said = {"method": "ToDo.add_tag", "unique_key": "{doctype}:{name}:{tag}"}
        self.assertEqual(api.check_policy(frappe.as_json(said)), [])
        self.assertEqual(len(api.check_policy(frappe.as_json({**said, "unique_key": "{colour}"}))), 1)

    def test_a_form_that_makes_no_sense_is_reported_in_a_sentence(self) -> None:
        said = {"Attempts is a number": {"attempts": "abc"}, "is a text, not": {"method": ["a"]}}
        for sentence, fields in said.items():
            with self.assertRaisesRegex(frappe.ValidationError, sentence):
                api.try_policy(frappe.as_json(fields))
        for odd in ("[]", "null"):
            with self.assertRaisesRegex(frappe.ValidationError, "told by its fields"):
                api.try_policy(odd)

    def runs(self, fields: dict) -> dict[str, int]:
        return {match["method"]: match["runs"] for match in api.try_policy(frappe.as_json(fields))["matches"]}

    def test_a_draft_can_be_saved_as_it_is(self) -> None:
        job_id = self.enqueue(ADD, one=1, other=2)
        self.work()
        frappe.db.rollback()  # the worker may have written: SQLite lets nobody write on what was read before
        drafted = api.draft_policy(job_id)
        self.assertEqual((drafted["values"]["method"], drafted["values"]["queue"]), (ADD, "short"))
        self.assertGreaterEqual(drafted["observed"]["runs"], 1)
        self.make(**drafted["values"])
        self.assertEqual(self.published().policies[0].timeout_s, drafted["values"]["timeout"])

    def test_whether_a_second_run_does_harm_is_recorded_in_one_call(self) -> None:
        job_id = self.enqueue(ADD, one=1, other=2)
        self.work()
        frappe.db.rollback()
        self.assertEqual(api.show(job_id)["repeat"], "unknown")
        name = api.record_repeat(job_id, "Unsafe")
        frappe.db.commit()
        (policy,) = self.published().policies
        self.assertEqual((policy.name, policy.pattern, policy.idempotency), (name, ADD, "unsafe"))
        engine().watch.forget()
        self.assertEqual(api.show(job_id)["repeat"], "unsafe")
        (refused,) = api.act("retry", [job_id])["results"]
        self.assertIn("not safe to repeat", refused["reason"])
        self.assertEqual(api.record_repeat(job_id, "Safe"), name)
        frappe.db.commit()
        self.assertEqual([each.idempotency for each in self.published().policies], ["safe"])
        with self.assertRaises(frappe.ValidationError):
            api.record_repeat(job_id, "Perhaps")
        with self.assertRaises(frappe.DoesNotExistError):
            api.record_repeat(self.enqueue_elsewhere(ADD), "Safe")
        with self.user(CLERK), self.assertRaises(frappe.PermissionError):
            api.record_repeat(job_id, "Safe")

    def test_a_policy_for_many_methods_is_not_changed_by_a_click(self) -> None:
        self.make(match_by="Pattern", pattern="job_console.bridge.tests.testing.*")
        job_id = self.enqueue(ADD, one=1, other=2)
        engine().watch.forget()
        with self.assertRaises(frappe.ValidationError):
            api.record_repeat(job_id, "Safe")

    def test_forms_are_for_system_managers(self) -> None:
        job_id = self.enqueue(ADD, one=1, other=2)
        calls = {
            "lanes": {},
            "try_policy": {"policy": "{}"},
            "check_policy": {"policy": "{}"},
            "seen_methods": {},
            "early_jobs": {},
            "draft_policy": {"job_id": job_id},
        }
        for name, arguments in calls.items():
            with self.subTest(call=name), self.user(CLERK), self.assertRaises(frappe.PermissionError):
                getattr(api, name)(**arguments)

    def test_nothing_is_drafted_from_another_sites_job(self) -> None:
        with self.assertRaises(frappe.DoesNotExistError):
            api.draft_policy(self.enqueue_elsewhere(ADD))


class TestPublishing(PolicyTestCase):
    def test_all_that_is_said_arrives(self) -> None:
        policy = Policy(
            name="Everything",
            kind="method",
            pattern=ADD,
            queue="long",
            timeout_s=600,
            after_commit=True,
            expected_s=60,
            overrun_factor=3,
            longest_wait_s=120,
            attempts=4,
            backoff=Backoff(delays_s=(10, 120), first_s=5, factor=3, cap_s=60, jitter=0.25),
            retry_on=("ConnectionError", "OSError"),
            never_on=("frappe.exceptions.ValidationError",),
            idempotency="safe",
            key="{one}",
            limit=Limit(3, "key", "{other}"),
            lock="stock:{one}",
            lock_wait_s=5,
            lost="requeue",
            alerts=Alerts(("ops@example.com",), ("failed", "warning"), 60),
            sensitive=("iban",),
            catch_up="all",
            overlap="cancel",
        )
        self.make(title="Everything", **form.values_of(policy))
        self.assertEqual(self.published().policies, (policy,))

    def test_a_bare_policy_is_the_models_own_default(self) -> None:
        self.make()
        self.assertEqual(self.published().policies, (Policy(ADD, "method", ADD),))

    def test_saving_renaming_disabling_and_deleting_is_obeyed_after_the_commit(self) -> None:
        doc = self.make(queue="long")
        self.assertEqual([each.queue for each in self.published().policies], ["long"])
        doc.queue = "short"
        doc.save()
        self.assertEqual([each.queue for each in self.published().policies], ["long"])
        frappe.db.commit()
        self.assertEqual([each.queue for each in self.published().policies], ["short"])
        frappe.rename_doc("Job Policy", ADD, "Another name")
        frappe.db.commit()
        self.assertEqual([each.name for each in self.published().policies], ["Another name"])
        doc = frappe.get_doc("Job Policy", "Another name")
        self.assertEqual(doc.title, "Another name")
        doc.enabled = 0
        doc.save()
        frappe.db.commit()
        self.assertEqual(self.published().policies, ())
        doc.enabled = 1
        doc.save()
        doc.delete()
        frappe.db.commit()
        self.assertEqual(self.published().policies, ())

    def test_what_is_rolled_back_is_not_obeyed(self) -> None:
        frappe.get_doc({"doctype": "Job Policy", "method": ADD}).insert()
        frappe.db.rollback()
        self.assertEqual(self.published().policies, ())

    def test_a_schedule_is_known_by_its_record_and_by_its_method(self) -> None:
        record, method = frappe.get_all("Scheduled Job Type", fields=["name", "method"], limit=1, as_list=True)[0]
        self.make(match_by="Scheduled Job Type", scheduled_job_type=record)
        (policy,) = self.published().policies
        self.assertEqual((policy.kind, policy.pattern, policy.scheduled_method), ("schedule", record, method))

    def test_lost_by_redis_they_are_published_again_by_whoever_asks(self) -> None:
        self.make()
        self.redis.delete(keys.POLICIES, keys.policies(frappe.local.site))
        engine().policies.forget(frappe.local.site)
        self.assertEqual([each.name for each in policies.here().policies], [ADD])
