"""What is enqueued while a document is being saved: counted, and where it is wished, sent after the commit."""

from unittest.mock import patch

import frappe
from rq.job import Job

from job_console import api
from job_console.bridge.connection import engine
from job_console.bridge.policies import policies
from job_console.bridge.tests.policies_testing import ADD
from job_console.engine.redis import keys
from job_console.runtime.enqueue import at_start, everywhere

from .everywhere_testing import EverywhereTestCase, task


class TestEarly(EverywhereTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.site_sends_after_commit(0)
        self.addCleanup(self.site_sends_after_commit, 0)
        everywhere.write_early()
        for key in self.redis.scan_iter(keys.own("races*")):
            self.redis.delete(key)

    def site_sends_after_commit(self, yes: int) -> None:
        frappe.set_user("Administrator")
        settings = frappe.get_doc("Job Console Settings")
        settings.after_commit = yes
        settings.save()
        frappe.db.commit()
        engine().policies.forget(frappe.local.site)

    def saved(self, event: str = "on_update", enqueue=None) -> Job | None:
        """What plain `frappe.enqueue` returned inside a document's lifecycle; nothing is committed."""
        made = []

        def hook(doc, *_args) -> None:
            made.append((enqueue or self.enqueue_plain)())

        doc = frappe.get_doc({"doctype": "Tag", "name": frappe.generate_hash()})
        with patch.object(doc.__class__, event, hook, create=True):
            doc.insert(ignore_permissions=True)
        self.made += [job.id for job in made if job]
        return made[0]

    def early(self) -> int:
        """How many of ours were counted; Frappe's own may be more."""
        at_start.after_request()
        counted = api.early_jobs()
        self.assertEqual(sum(count for _method, count in counted["methods"]), counted["total"])
        return dict(counted["methods"]).get(ADD, 0)

    def enqueue_plain(self, **options):
        return frappe.enqueue(ADD, queue="short", one=1, other=2, **options)

    def test_it_is_off_until_it_is_switched_on_and_counted_all_the_same(self) -> None:
        policies.here()
        job = self.saved()
        self.assertEqual(self.status(job.id), "queued")
        frappe.db.commit()
        self.assertEqual(self.early(), 1)
        tried = {"match_by": "Pattern", "pattern": "job_console.*"}
        self.assertEqual(api.try_policy(frappe.as_json(tried))["early"], 1)

    def test_a_policy_sends_it_after_the_commit(self) -> None:
        self.make(method=ADD, after_commit=1, queue="long")
        for event in ("validate", "after_insert", "on_update"):
            with self.subTest(event):
                job = self.saved(event)
                self.assertIsInstance(job, Job)
                self.assertIsNone(self.status(job.id))
                frappe.db.commit()
                self.assertEqual((self.status(job.id), self.record(job.id)[0]), ("queued", "long"))
        self.assertEqual((self.early(), api.early_jobs()["prevented"]), (0, 3))

    def test_the_site_sends_all_of_them_after_the_commit(self) -> None:
        self.site_sends_after_commit(1)
        job = self.saved()
        self.assertIsNone(self.status(job.id))
        frappe.db.commit()
        self.assertEqual((self.status(job.id), self.record(job.id)), ("queued", ("short", 300)))
        self.assertEqual(api.show(job.id)["user"], frappe.session.user)
        self.site_sends_after_commit(0)
        self.assertEqual(self.status(self.saved().id), "queued")

    def test_what_is_rolled_back_is_never_sent(self) -> None:
        self.make(method=ADD, after_commit=1)
        job = self.saved()
        frappe.db.rollback()
        frappe.db.commit()
        self.assertIsNone(self.status(job.id))

    def test_elsewhere_and_after_a_commit_it_is_sent_at_once(self) -> None:
        self.make(method=ADD, after_commit=1)
        frappe.get_doc({"doctype": "Tag", "name": frappe.generate_hash()}).insert(ignore_permissions=True)
        self.assertEqual(self.status(self.plain()), "queued")

        def after_a_commit() -> Job:
            frappe.db.commit()
            return self.enqueue_plain()

        self.assertEqual(self.status(self.saved(enqueue=after_a_commit).id), "queued")
        self.assertEqual(self.early(), 0)

    def test_who_asked_for_the_commit_is_not_asked_again(self) -> None:
        self.make(method=ADD, after_commit=1)
        self.assertIsNone(self.saved(enqueue=lambda: self.enqueue_plain(enqueue_after_commit=True)))
        frappe.db.commit()
        waiting = self.redis.lrange(f"rq:queue:{frappe.utils.background_jobs.generate_qname('short')}", 0, -1)
        self.made += [job_id.decode() for job_id in waiting]
        self.assertEqual(len(waiting), 1)
        self.assertEqual(self.early(), 0)

    def test_of_two_with_one_key_the_first_is_sent(self) -> None:
        self.make(method=ADD, after_commit=1, unique_key="{one}")
        first = self.saved()
        second = self.saved()
        frappe.db.commit()
        self.assertEqual((self.status(first.id), self.status(second.id)), ("queued", None))

    def test_a_task_waits_for_the_commit_too(self) -> None:
        self.make(method=ADD, after_commit=1)
        made = []
        self.saved(enqueue=lambda: made.append(task(ADD, one=1, other=2)))
        self.made += made
        self.assertIsNone(self.status(made[0]))
        frappe.db.commit()
        self.assertEqual(self.status(made[0]), "queued")
