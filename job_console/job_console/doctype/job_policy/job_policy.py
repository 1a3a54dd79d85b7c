from collections.abc import Iterator

import frappe
from frappe import _
from frappe.model.base_document import get_controller
from frappe.model.document import Document

from job_console.bridge import language
from job_console.bridge.connection import engine
from job_console.bridge.policies import form, policies, signatures
from job_console.bridge.sweep import alerts
from job_console.bridge.ticks.scheduled_run import PolicedScheduledJobType
from job_console.engine.errors import BadRequest, RedisUnavailable
from job_console.engine.models.policies import Policy
from job_console.engine.policies.check import Facts, problems
from job_console.engine.policies.values import Problem

_TARGETS = {"Method": "method", "Scheduled Job Type": "scheduled_job_type", "Pattern": "pattern"}


class JobPolicy(Document):
    """How jobs are to be treated. Obeyed where `job_console.engine.policies` is read; here it is only written."""

    def onload(self) -> None:
        overridden = form.overridden(self.as_dict())
        self.set_onload("overridden", [[self.meta.get_label(name), value] for name, value in overridden.items()])

    def reset_to_code(self) -> None:
        """What the code declares, in all fields."""
        self.update(form.overridden(self.as_dict()))
        self.save()

    def autoname(self) -> None:
        self._keep_one_target()
        self.title = self.name = self.get("title") or self.get(_TARGETS[self.match_by])

    def validate(self) -> None:
        self._keep_one_target()
        if found := self.mistakes():
            labels = [(self.meta.get_label(each.field), language.spoken(each.text)) for each in found]
            lines = [f"<b>{_(label)}</b>: {frappe.utils.escape_html(text)}" for label, text in labels]
            frappe.throw("<br>".join(lines), title=_("This policy cannot be obeyed"))
        policy = form.policy_of(self.as_dict())
        self._say_who_does_not_serve(policy)
        self._say_who_decides_instead(policy)

    def mistakes(self) -> list[Problem]:
        """All of them, one at each of the doctype's fields."""
        policy, found = form.read(self.as_dict())
        target = _TARGETS.get(self.match_by, "match_by")
        found += [Problem(target, text) for text in self._second_ones()]
        facts = Facts(policies.lane_limits())
        try:
            facts = signatures.facts(policy)
        except BadRequest as error:
            found.append(Problem(target, str(error)))
        found += [Problem(form.fieldname(policy, each.field), each.text) for each in problems(policy, facts)]
        found += [
            Problem("alert_to", _("{0} is no user, role or address.").format(repr(name)))
            for name in alerts.unknown(policy.alerts.to)
        ]
        first = {each.field: each for each in reversed(found)}
        return [first[name] for name in dict.fromkeys(each.field for each in found)]

    def on_update(self) -> None:
        publish_after_commit()

    def after_delete(self) -> None:
        publish_after_commit()

    def after_rename(self, old: str, new: str, merge: bool = False) -> None:
        self.db_set("title", new)
        publish_after_commit()

    def _keep_one_target(self) -> None:
        for label, fieldname in _TARGETS.items():
            value = (self.get(fieldname) or "").strip()
            self.set(fieldname, value if label == self.match_by else None)

    def _second_ones(self) -> Iterator[str]:
        fieldname = _TARGETS.get(self.match_by)
        value = (self.get(fieldname) or "").strip() if fieldname else ""
        if value and (other := frappe.db.exists("Job Policy", {fieldname: value, "name": ["!=", self.name or ""]})):
            yield _("{0} has a policy already: {1}.").format(value, other)

    def _say_who_does_not_serve(self, policy: Policy) -> None:
        """No reason to refuse it: workers come and go."""
        try:
            workers = engine().watch.look().bench.workers
        except RedisUnavailable:
            return
        served = {queue.rpartition(":")[2] for each in workers if each.state != "gone" for queue in each.queues}
        if policy.queue and served and policy.queue not in served:
            frappe.msgprint(
                _("No worker that is running now serves the queue {0}.").format(policy.queue), indicator="orange"
            )

    def _say_who_decides_instead(self, policy: Policy) -> None:
        """Only one app can stand in for Frappe's class."""
        usual = Policy(policy.name, policy.kind, policy.pattern)
        ruling = get_controller("Scheduled Job Type")
        differs = (policy.catch_up, policy.overlap) != (usual.catch_up, usual.overlap)
        if differs and not issubclass(ruling, PolicedScheduledJobType):
            frappe.msgprint(
                _("Missed runs and overlap are not obeyed here: {0} decides what a tick enqueues.").format(
                    ruling.__module__
                ),
                indicator="orange",
            )


def publish_after_commit() -> None:
    frappe.db.after_commit.add(policies.try_to_publish)
