"""JC40x: a queue and a timeout that do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Finding, Rule, Severity
from ..read.reach import Reached
from .subject import Subject

LONG_IN_SHORT = Rule(
    "JC401",
    "timeout-above-lane",
    Severity.WARNING,
    "The timeout says that the job may run far longer than the jobs of its queue do (300 s in `short` and `default`): "
    "one of it holds up everything that is quick.",
    'frappe.enqueue(rebuild, queue="long", timeout=3000)',
)

#: Seconds that Frappe gives to jobs of these queues.
_TIMEOUTS = {"short": 300, "default": 300}
#: Up to here it is a quick job with some air.
_AIR = 2


def check_app(reached: Reached) -> Iterator[Finding]:
    for module in reached.app.modules.values():
        for enqueue in module.enqueues:
            queue, timeout = enqueue.options.get("queue", "default"), enqueue.options.get("timeout")
            allowed = _TIMEOUTS.get(str(queue))
            computed = "queue" not in enqueue.options and enqueue.arguments is None
            if enqueue.inline or computed or allowed is None or not isinstance(timeout, (int, float)):
                continue
            if timeout > allowed * _AIR and not enqueue.computed_queue:
                message = f"a timeout of {timeout:g} s in `{queue}`, whose jobs get {allowed} s: use `long`"
                yield Finding(module.path, enqueue.place, LONG_IN_SHORT.code, message)


SUBJECT = Subject(rules=(LONG_IN_SHORT,), app=check_app)
