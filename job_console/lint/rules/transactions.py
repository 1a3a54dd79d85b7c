"""JC1xx: a job, a commit or a request to somebody else in the middle of a transaction."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from ..fixing import with_keyword
from ..models import Rule, Severity
from ..read.enqueues import EnqueueCall, enqueue_call, is_inline
from ..read.facts import Reach, Suspicion
from ..read.visit import FunctionNode, Visitor
from .guards import is_left_to_caller
from .subject import Subject

IN_EVENT = Rule(
    "JC101",
    "enqueue-in-event",
    Severity.WARNING,
    "A job that a document's event enqueues can start before the transaction ends: it does not see what was written, "
    "or runs for a document that was rolled back.",
    "frappe.enqueue(send, order=self.name, enqueue_after_commit=True)",
    fixable=True,
)
AFTER_WRITE = Rule(
    "JC102",
    "enqueue-of-unwritten",
    Severity.WARNING,
    "The job gets the name of a document that this function has just written, and can look for it before the "
    "transaction ends.",
    "order.insert()\nfrappe.enqueue(send, order=order.name, enqueue_after_commit=True)",
    fixable=True,
)
COMMIT_IN_EVENT = Rule(
    "JC103",
    "commit-in-event",
    Severity.WARNING,
    "A commit within a document's event makes half of a save permanent: what fails after it cannot be rolled back.",
    "Leave the commit to Frappe; what must not be lost goes into a job after the commit.",
)
EFFECT_IN_EVENT = Rule(
    "JC104",
    "request-in-event",
    Severity.WARNING,
    "A request that changes something elsewhere is sent before the document's transaction ends: a rollback does not "
    "take it back, and the rows stay locked until the other side answers.",
    "frappe.enqueue(push_order, order=self.name, enqueue_after_commit=True)",
)

_WRITES = {"insert", "save", "submit", "cancel", "db_insert", "db_update", "db_set"}
_SENDING = {"post", "put", "patch", "delete"}
_ASKING = ("get", "fetch", "validate", "check", "verify", "is_", "has_", "search", "load")
_OF_ACCESS = ("token", "auth", "login", "session", "credential")
_SENDERS = {"frappe.integrations.utils.make_post_request", "frappe.integrations.utils.make_put_request"}


def check_enqueue(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    call = enqueue_call(node, here)
    if call is None or call.open or "enqueue_after_commit" in call.options or is_inline(call, here) or here.deferred:
        return
    if here.function is None or _commits(here.function.node, node.lineno):
        return
    fix = with_keyword(node, "enqueue_after_commit", "True", here) if _is_safe(call, here) else None
    if written := _written(call, here):
        message = f"the job gets `{written}`, which is not committed yet; add enqueue_after_commit=True"
        yield here.suspect(AFTER_WRITE.code, node, message, fix=fix)
    else:
        message = "a job is enqueued in a document's event without enqueue_after_commit=True"
        yield here.suspect(IN_EVENT.code, node, message, Reach.EVENT, fix)


def _is_safe(call: EnqueueCall, here: Visitor) -> bool:
    """Nobody looks at the job that is returned, which it is not when it waits for the commit."""
    return bool(here.ancestors) and isinstance(here.ancestors[-1], ast.Expr) and "now" not in call.options


def _written(call: EnqueueCall, here: Visitor) -> str | None:
    """The document that this function wrote earlier, in the same block or around it, and whose name the job gets."""
    values = [
        *call.arguments.values(),
        *([call.options["name"]] if call.of_document and "name" in call.options else []),
    ]
    names = {
        value.value.id
        for value in values
        if isinstance(value, ast.Attribute) and value.attr == "name" and isinstance(value.value, ast.Name)
    }
    for name in sorted(names - {"self"}):
        if any(_writes(statement, name) for statement in _before(here, call.node)):
            return f"{name}.name"
    return None


def _before(here: Visitor, node: ast.Call) -> Iterator[ast.stmt]:
    """Statements that certainly ran before: earlier ones of the blocks in which the node stands."""
    chain = [here.function.node if here.function else node, *here.inside, node]
    for block, below in itertools.pairwise(chain):
        for _, body in ast.iter_fields(block):
            if isinstance(body, list) and any(one is below for one in body):
                yield from (one for one in body[: body.index(below)] if isinstance(one, ast.stmt))


def _writes(statement: ast.stmt, name: str) -> bool:
    value = statement.value if isinstance(statement, (ast.Expr, ast.Assign)) else None
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in _WRITES
        and isinstance(value.func.value, ast.Name)
        and value.func.value.id == name
    )


def _commits(function: ast.AST, before: int) -> bool:
    return any(
        isinstance(one, ast.Attribute) and one.attr == "commit" and one.lineno < before for one in ast.walk(function)
    )


def check_commit(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if here.dotted(node.func) != "frappe.db.commit" or here.deferred or _only_in_some_cases(here):
        return
    yield here.suspect(COMMIT_IN_EVENT.code, node, "frappe.db.commit() within a document's event", Reach.EVENT)


def _only_in_some_cases(here: Visitor) -> bool:
    """In a handler, for an error log; or below a test of flags, as for a patch; or as the caller wishes."""
    return any(
        isinstance(one, ast.ExceptHandler) or (isinstance(one, ast.If) and is_left_to_caller(one.test, here))
        for one in here.inside
    )


def check_request(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    name = here.dotted(node.func) or ""
    sends = name in _SENDERS or (name.startswith("requests.") and name.rpartition(".")[2] in _SENDING)
    if sends and not here.deferred and not _only_asks(here):
        message = "a request that changes something elsewhere is sent before the document is committed"
        yield here.suspect(EFFECT_IN_EVENT.code, node, message, Reach.EVENT)


def _only_asks(here: Visitor) -> bool:
    """By its name, the function fetches or checks something: a token, a session, whether a password is right. Or its
    caller says by an argument whether it is done here."""
    if here.function is None or _left_to_caller(here.function.node, here):
        return True
    name = here.function.node.name.lstrip("_")
    return name.startswith(_ASKING) or any(word in name for word in _OF_ACCESS)


def _left_to_caller(function: FunctionNode, here: Visitor) -> bool:
    return any(
        isinstance(one, ast.If) and is_left_to_caller(one.test, here) and isinstance(one.body[-1], ast.Return)
        for one in function.body
    )


SUBJECT = Subject(
    rules=(IN_EVENT, AFTER_WRITE, COMMIT_IN_EVENT, EFFECT_IN_EVENT),
    calls={
        "enqueue": check_enqueue,
        "enqueue_doc": check_enqueue,
        "commit": check_commit,
        **dict.fromkeys((*_SENDING, "make_post_request", "make_put_request"), check_request),
    },
)
