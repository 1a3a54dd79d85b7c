"""`frappe.enqueue` and `enqueue_doc`, as they are called: what runs, what is for Frappe, and what for the function."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .facts import Enqueue
from .visit import Visitor, place

_ENQUEUE = {"frappe.enqueue", "frappe.utils.background_jobs.enqueue"}
_ENQUEUE_DOC = {"frappe.enqueue_doc", "frappe.utils.background_jobs.enqueue_doc"}
#: In their order, as positional arguments.
_PARAMETERS = ("method", "queue", "timeout", "event", "is_async", "job_name", "now", "enqueue_after_commit")
_DOC_PARAMETERS = ("doctype", "name", "method", "queue", "timeout", "now")
#: What Frappe takes for itself; the rest reaches the function.
_OPTIONS = {
    *_PARAMETERS,
    *("async", "on_success", "on_failure", "at_front", "at_front_when_starved", "job_id", "deduplicate", "retry"),
}


@dataclass
class EnqueueCall:
    node: ast.Call
    of_document: bool
    #: Those of Frappe's parameters that are given, and the function's arguments.
    options: dict[str, ast.expr] = field(default_factory=dict)
    arguments: dict[str, ast.expr] = field(default_factory=dict)
    #: There is a `**`: anything may be in it.
    open: bool = False

    @property
    def method(self) -> ast.expr | None:
        return self.options.get("method")


def enqueue_call(node: ast.Call, here: Visitor) -> EnqueueCall | None:
    name = here.dotted(node.func)
    if name not in _ENQUEUE and name not in _ENQUEUE_DOC:
        return None
    of_document = name in _ENQUEUE_DOC
    call = EnqueueCall(node, of_document)
    for parameter, value in zip(_DOC_PARAMETERS if of_document else _PARAMETERS, node.args, strict=False):
        if isinstance(value, ast.Starred):
            call.open = True
            break
        call.options[parameter] = value
    own = _OPTIONS | {"doctype", "name"} if of_document else _OPTIONS
    for keyword in node.keywords:
        if keyword.arg is None:
            call.open = True
        elif keyword.arg in own:
            call.options[keyword.arg] = keyword.value
        else:
            call.arguments[keyword.arg] = keyword.value
    return call


def is_inline(call: EnqueueCall, here: Visitor) -> bool:
    return here.constant(call.options.get("now")) is True or here.constant(call.options.get("is_async")) is False


def target(call: EnqueueCall, here: Visitor) -> str | None:
    """Dotted name of the function that will run, as far as it can be read."""
    if call.of_document or call.method is None:
        return None
    text = here.constant(call.method)
    if isinstance(text, str):
        return text
    name = here.dotted(call.method)
    if name is None:
        return None
    if name.startswith("self.") and here.function and here.function.owner:
        return f"{here.function.owner}.{name.removeprefix('self.')}"
    return name if "." in name and "(" not in name and "@" not in name else None


def enqueue(call: EnqueueCall, here: Visitor) -> Enqueue:
    doctype, method = here.constant(call.options.get("doctype")), here.constant(call.method)
    kind = call.options.get("doctype")
    if call.of_document and kind and here.function and here.function.owner and here.dotted(kind) == "self.doctype":
        doctype = f"={here.function.owner}"
    constants = {name: here.constant(value) for name, value in call.options.items()}
    return Enqueue(
        place=place(call.node),
        target=target(call, here),
        doctype=doctype if isinstance(doctype, str) and call.of_document else None,
        method=method if isinstance(method, str) and call.of_document else None,
        arguments=None if call.open else frozenset(call.arguments),
        options={name: value for name, value in constants.items() if isinstance(value, (str, int, float, bool))},
        of_self=call.method is not None and (here.dotted(call.method) or "").startswith("self."),
        inline=is_inline(call, here),
        computed_queue="queue" in call.options and not isinstance(constants.get("queue"), str),
        function=here.function.name if here.function else None,
    )
