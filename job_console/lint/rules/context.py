"""JC9xx: what a function leaves behind for whatever runs after it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..models import Rule, Severity
from ..read.facts import Reach, Suspicion
from ..read.visit import FunctionNode, Visitor
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


def check_user(function: FunctionNode, here: Visitor) -> Iterator[Suspicion]:
    if len(here.frames) > 1:
        return
    calls = [one for one in ast.walk(function) if isinstance(one, ast.Call) and _is_set_user(one, here)]
    if len(calls) == 1 and calls[0].args and here.constant(calls[0].args[0]) == "Administrator":
        message = "the user stays Administrator after this function: set the former one back in `finally`"
        yield here.suspect(USER.code, calls[0], message, Reach.EVENT)


def _is_set_user(call: ast.Call, here: Visitor) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name == "set_user" and here.dotted(call.func) in ("frappe.set_user", "frappe.local.login_manager.login_as")


def check_thread(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if here.dotted(node.func) not in _THREADS or here.function is None:
        return
    waits = any(isinstance(one, ast.Attribute) and one.attr == "join" for one in ast.walk(here.frames[0].node))
    if not waits:
        message = "nobody waits for this thread: it ends with the job's process, in the middle of its work"
        yield here.suspect(THREAD.code, node, message, Reach.JOB)


SUBJECT = Subject(
    rules=(USER, THREAD),
    calls={"Thread": check_thread, "Timer": check_thread},
    nodes={ast.arguments: check_user},
)
