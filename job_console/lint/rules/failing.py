"""JC5xx: how a job fails, and what hides it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..models import Rule, Severity
from ..read.facts import Reach, Suspicion
from ..read.visit import Visitor
from .subject import Subject

SWALLOWED = Rule(
    "JC501",
    "timeout-swallowed",
    Severity.WARNING,
    "A job's timeout is an exception that is raised once, wherever the job is. A loop that catches every exception "
    "catches it, too, and goes on without any limit until the worker kills the process.",
    "except JobTimeoutException:  # from rq.timeouts\n    raise\nexcept Exception: ...",
)
NO_ROLLBACK = Rule(
    "JC502",
    "no-rollback-before-next",
    Severity.WARNING,
    "What the failed round has already written stays in the transaction, and is committed with the next ones.",
    'except Exception:\n    frappe.db.rollback(save_point="row")',
)
WHOLE_JOB = Rule(
    "JC503",
    "failure-hidden",
    Severity.NOTE,
    "The job catches every exception and ends: whatever happened, the queue says that it was done, and nobody retries "
    "it.",
    "Log it, and raise it again.",
)

_DOCUMENT_WRITES = {"insert", "save", "submit", "cancel", "delete_doc", "rename_doc"}
_OUTSIDE = {"requests", "urllib", "httpx", "smtplib"}
_TIMEOUTS = ("JobTimeoutException", "BaseTimeoutException", "TimeoutException")
_BROAD = {"Exception", "BaseException"}
_ROLLS_BACK = {"rollback", "savepoint"}
_LEAVES = (ast.Raise, ast.Return, ast.Break)


def check(node: ast.Try, here: Visitor) -> Iterator[Suspicion]:
    broad = next((handler for handler in node.handlers if _is_broad(handler, here)), None)
    if broad is None or any(_names_timeout(handler) for handler in node.handlers) or _leaves(broad):
        return
    loops = here.loops(node)
    if not loops:
        if here.inside and not isinstance(here.inside[-1], (ast.FunctionDef, ast.AsyncFunctionDef)):
            return
        if _works(node, here) and _is_whole_function(node, here):
            message = "every exception of the job ends here: its failure is recorded as success"
            yield here.suspect(WHOLE_JOB.code, broad, message, Reach.JOB)
        return
    if not _works(node, here):
        return
    message = "this loop goes on after the job's timeout: catch JobTimeoutException before, and raise it"
    yield here.suspect(SWALLOWED.code, broad, message, Reach.JOB)
    if len(_writes(node)) > 1 and not _rolls_back(loops[-1]):
        message = "the loop goes on with what the failed round has written: roll back to where the round began"
        yield here.suspect(NO_ROLLBACK.code, broad, message, Reach.JOB)


def _is_broad(handler: ast.ExceptHandler, here: Visitor) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _BROAD) for kind in kinds)


def _names_timeout(handler: ast.ExceptHandler) -> bool:
    """Also where one handler asks for its type."""
    return any(
        (isinstance(one, ast.Name) and one.id.endswith(_TIMEOUTS))
        or (isinstance(one, ast.Attribute) and one.attr.endswith(_TIMEOUTS))
        for one in ast.walk(handler)
    )


def _leaves(handler: ast.ExceptHandler) -> bool:
    """It ends the loop, at least in some cases; then it was thought of."""
    return any(isinstance(one, _LEAVES) for one in _own(handler.body)) or any(
        isinstance(one, ast.Call) and _last(one) in ("throw", "exit") for one in _own(handler.body)
    )


def _own(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Nodes of these statements, not of functions that they define."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def _last(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _calls(node: ast.Try) -> Iterator[ast.Call]:
    return (one for one in _own(node.body) if isinstance(one, ast.Call))


def _works(node: ast.Try, here: Visitor) -> bool:
    """What takes time stands in it: documents, the network, functions of the app."""
    for call in _calls(node):
        name = here.dotted(call.func) or ""
        if _last(call) in _DOCUMENT_WRITES or name.split(".")[0] in _OUTSIDE:
            return True
        if here.callee(name) and not name.startswith(("frappe.", "super().")):
            return True
    return False


def _writes(node: ast.Try) -> list[ast.Call]:
    """Calls that write documents: one that fails has written nothing, the second of two leaves the first."""
    return [call for call in _calls(node) if _last(call) in _DOCUMENT_WRITES]


def _rolls_back(loop: ast.AST) -> bool:
    return any(
        isinstance(one, (ast.Attribute, ast.Name))
        and (one.attr if isinstance(one, ast.Attribute) else one.id) in _ROLLS_BACK
        for one in ast.walk(loop)
    )


def _is_whole_function(node: ast.Try, here: Visitor) -> bool:
    """Nothing but a docstring and assignments stands beside it."""
    body = here.function.node.body if here.function else []
    return node in body and all(
        one is node or isinstance(one, (ast.Assign, ast.Expr, ast.Import, ast.ImportFrom)) for one in body
    )


SUBJECT = Subject(rules=(SWALLOWED, NO_ROLLBACK, WHOLE_JOB), nodes={ast.Try: check})
