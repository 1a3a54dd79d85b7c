"""JC9xx: what a function leaves behind for whatever runs after it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..models import Rule, Severity
from ..read.facts import Reach, Suspicion
from ..read.visit import Visitor
from .guards import is_left_to_caller
from .subject import Subject

USER = Rule(
    "JC901",
    "user-not-restored",
    Severity.WARNING,
    "Whatever runs after a document's event, in the same request or job, does so as Administrator: permissions are no "
    "longer checked, and records name the wrong user.",
    'user = frappe.session.user\ntry:\n    frappe.set_user("Administrator")\n    ...\n'
    "finally:\n    frappe.set_user(user)",
)
THREAD = Rule(
    "JC902",
    "thread-outlives-job",
    Severity.WARNING,
    "The worker's process ends with the job, and the thread with it, wherever it is; and Frappe's connection and "
    "session are not there for it.",
    "Enqueue a job for it, or wait for it: thread.join()",
)

_THREADS = {"threading.Thread", "threading.Timer"}


def check_user(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if here.dotted(node.func) != "frappe.set_user" or here.deferred or here.function is None or not node.args:
        return
    if any(isinstance(one, ast.If) and is_left_to_caller(one.test, here) for one in here.inside):
        return
    others = [one for one in ast.walk(here.function.node) if isinstance(one, ast.Call) and _name(one) == "set_user"]
    if len(others) == 1 and here.constant(node.args[0]) == "Administrator":
        message = "the user stays Administrator after this function: set the former one back in `finally`"
        yield here.suspect(USER.code, node, message, Reach.EVENT)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def check_thread(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if here.dotted(node.func) not in _THREADS or here.function is None:
        return
    waits = any(isinstance(one, ast.Attribute) and one.attr == "join" for one in ast.walk(here.frames[0].node))
    if not waits:
        message = "nobody waits for this thread: it ends with the job's process, in the middle of its work"
        yield here.suspect(THREAD.code, node, message, Reach.JOB)


SUBJECT = Subject(
    rules=(USER, THREAD),
    calls={"set_user": check_user, "Thread": check_thread, "Timer": check_thread},
)
