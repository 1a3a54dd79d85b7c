"""JC3xx: what is enqueued: the function, and what it gets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..models import Finding, Rule, Severity
from ..read.enqueues import EnqueueCall, enqueue_call, is_inline
from ..read.facts import Enqueue, Function, Suspicion
from ..read.reach import Reached
from ..read.visit import Visitor
from .subject import Subject

MISSING = Rule(
    "JC301",
    "no-such-function",
    Severity.ERROR,
    "The job's function does not exist: every run fails.",
    "Name the function as it is imported, or pass the function itself.",
)
UNFIT = Rule(
    "JC302",
    "arguments-do-not-fit",
    Severity.ERROR,
    "The arguments are not those of the job's function: every run fails with a TypeError.",
    "Give each argument that the function requires, and none that it does not take.",
)
UNPICKLABLE = Rule(
    "JC303",
    "unpicklable-function",
    Severity.ERROR,
    "A lambda, or a function within a function, cannot be pickled: the job cannot be queued.",
    "Move the function to the top of its module.",
)
DOCUMENT = Rule(
    "JC304",
    "document-as-argument",
    Severity.WARNING,
    "A whole document is pickled into the job: it is as old as the queue is long when the job runs, it is stored in "
    "Redis, and a change of its class breaks jobs that wait.",
    'frappe.enqueue_doc(self.doctype, self.name, "send")',
)
INLINE = Rule(
    "JC305",
    "runs-at-once",
    Severity.WARNING,
    "`now=True` or `is_async=False` makes it a plain call: the request waits for it, in its own transaction, without "
    "timeout, lane or trace in the queue.",
    "Call the function, or enqueue it; for tests: now=frappe.flags.in_test",
)

_DOCUMENTS = {
    *("frappe.get_doc()", "frappe.new_doc()", "frappe.get_last_doc()", "frappe.get_cached_doc()", "frappe.copy_doc()"),
    *("frappe.get_single()", "frappe.client.get_doc()"),
}
#: Of every document, though Frappe's class is not read here.
_OF_DOCUMENTS = frozenset(
    {
        *("save", "submit", "cancel", "insert", "delete", "reload", "run_method", "add_comment", "discard", "db_set"),
        *("queue_action", "notify_update", "unlock", "lock", "db_update", "db_insert", "set_status", "rename"),
        *("validate", "on_update", "_save", "_submit", "_cancel"),
    }
)
#: What `enqueue_doc` passes on beside the function's own arguments.
_NOT_OF_FUNCTION = frozenset({"async"})


def check(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    call = enqueue_call(node, here)
    if call is None:
        return
    if is_inline(call, here):
        yield here.suspect(INLINE.code, node, "now=True or is_async=False: this is a plain call, not a job")
        return
    yield from _check_function(call, here)
    for name, value in call.arguments.items():
        if _is_document(value, here):
            message = f"`{name}` is a whole document: pass its name, and let the job load it"
            yield here.suspect(DOCUMENT.code, value, message)


def _check_function(call: EnqueueCall, here: Visitor) -> Iterator[Suspicion]:
    method = call.method
    if method is None or call.of_document:
        return
    if isinstance(here.value(method), ast.Lambda):
        yield here.suspect(UNPICKLABLE.code, method, "a lambda cannot be pickled: no job can be made of it")
    elif isinstance(method, ast.Name) and _is_nested(here.dotted(method), here):
        yield here.suspect(
            UNPICKLABLE.code, method, f"`{method.id}` is a function within a function: it cannot be pickled"
        )


def _is_nested(name: str | None, here: Visitor) -> bool:
    return bool(name) and any(f"{frame.name}.{name.rpartition('.')[2]}" == name for frame in here.frames)  # type: ignore[union-attr]


def _is_document(node: ast.expr, here: Visitor) -> bool:
    if isinstance(node, ast.Name) and node.id == "self" and here.dotted(node) == "self":
        return here.function is not None and _looks_like_controller(here)
    return here.dotted(node) in _DOCUMENTS


def _looks_like_controller(here: Visitor) -> bool:
    """By what the class is derived from; the whole app is not known yet."""
    owner = here.function.owner if here.function else None
    bases = here.module.classes[owner].bases if owner in here.module.classes else ()
    return any(base.endswith(("Document", "Controller", "NestedSet", "WebsiteGenerator")) for base in bases)


def check_app(reached: Reached) -> Iterator[Finding]:
    for module in reached.app.modules.values():
        for enqueue in module.enqueues:
            if not enqueue.inline:
                for code, message in (*_against_definition(enqueue, reached), *_bound(enqueue, reached)):
                    yield Finding(module.path, enqueue.place, code, message)


def _against_definition(enqueue: Enqueue, reached: Reached) -> Iterator[tuple[str, str]]:
    app = reached.app
    found = reached.enqueued(enqueue)
    function = app.functions.get(found) if found else None
    if function is None:
        if missing := _missing(enqueue, reached):
            yield MISSING.code, missing
        return
    if enqueue.arguments is not None and (problem := misfit(function, enqueue.arguments - _NOT_OF_FUNCTION)):
        yield UNFIT.code, f"{function.name}() {problem}"


def _bound(enqueue: Enqueue, reached: Reached) -> Iterator[tuple[str, str]]:
    """`frappe.enqueue(self.send)`: the method takes its document along."""
    owner, _, method = (enqueue.target or "").rpartition(".")
    if enqueue.of_self and owner in reached.app.documents and reached.app.method(owner, method):
        yield DOCUMENT.code, f"`self.{method}` takes the whole document along: use frappe.enqueue_doc"


def _missing(enqueue: Enqueue, reached: Reached) -> str | None:
    app = reached.app
    if enqueue.target:
        of_class = enqueue.target.rpartition(".")[0] in app.classes
        return f"there is no {enqueue.target}" if not of_class and app.is_there(enqueue.target) is False else None
    owner, method = reached.owner_of_document(enqueue), enqueue.method
    if owner and method and method not in _OF_DOCUMENTS and app.methods_known(owner) and not app.has_below(owner):
        known = app.method(owner, method)
        return None if known else f"{owner.rpartition('.')[2]} has no method {method}"
    return None


def misfit(function: Function, given: frozenset[str]) -> str | None:
    """Why a call with these keywords would fail."""
    if any(not decorator.startswith("frappe.") for decorator in function.decorators):
        return None  # it may be called otherwise than it is defined
    parameters = function.parameters
    if missing := sorted(parameters.required - given):
        return f"requires {_named(missing)}"
    if not parameters.takes_any_keyword and (foreign := sorted(given - parameters.names)):
        return f"takes no {_named(foreign)}"
    return None


def _named(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


SUBJECT = Subject(
    rules=(MISSING, UNFIT, UNPICKLABLE, DOCUMENT, INLINE),
    calls={"enqueue": check, "enqueue_doc": check},
    app=check_app,
)
