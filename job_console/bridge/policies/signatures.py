"""Looks up a method on this bench: whether it exists, and which arguments it takes."""

import inspect
from collections.abc import Callable

import frappe
from frappe.model.base_document import get_controller

from job_console.bridge.policies.policies import lane_limits
from job_console.engine.errors import BadRequest
from job_console.engine.messages import _
from job_console.engine.models.policies import Policy
from job_console.engine.policies import templates
from job_console.engine.policies.check import Facts


def facts(policy: Policy) -> Facts:
    """The facts for `check.problems`. Raises BadRequest when there is no such method."""
    lanes = lane_limits()
    if policy.kind == "schedule":
        return Facts(lanes, ())  # the scheduler passes no arguments
    if policy.kind != "method" or not policy.pattern:
        return Facts(lanes)
    if _is_server_script(policy.pattern):
        return Facts(lanes)  # it takes what its form has
    named, takes_any = parameters(function_of(policy.pattern))
    own = () if frappe.db.exists("DocType", policy.pattern.rpartition(".")[0]) is None else templates.OF_DOCUMENT
    return Facts(lanes, (*named, *own), takes_any)


def _is_server_script(method: str) -> bool:
    """Whether it is the name of a Server Script of type API, which is enqueued by its name."""
    return bool(frappe.db.exists("Server Script", {"script_type": "API", "api_method": method}))


def function_of(method: str) -> Callable[..., object]:
    """The function of `app.module.function`, or of `DocType.method`. Raises BadRequest."""
    doctype, _dot, name = method.rpartition(".")
    if doctype and frappe.db.exists("DocType", doctype):
        controller = get_controller(doctype)
        # `submit` is `_submit` for `Document.queue_action`, where there is one.
        found = getattr(controller, name, None) or getattr(controller, f"_{name}", None)
        if not callable(found):
            raise BadRequest(_("A {doctype} has no method {name!r}.").format(doctype=doctype, name=name))
        return found
    try:
        found = frappe.get_attr(method)
    except Exception as error:  # whatever the import of somebody's module raises
        raise BadRequest(
            _("There is no method {method!r} on this bench ({error}).").format(
                method=method, error=f"{type(error).__name__}: {error}"
            )
        ) from None
    if not callable(found):
        raise BadRequest(_("{method!r} is no function.").format(method=method))
    return found


def parameters(function: Callable[..., object]) -> tuple[tuple[str, ...], bool]:
    """(names of its arguments, whether it takes any other)."""
    kinds = {each.name: each.kind for each in inspect.signature(function).parameters.values()}
    special = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    named = tuple(name for name, kind in kinds.items() if kind not in special and name != "self")
    return named, inspect.Parameter.VAR_KEYWORD in kinds.values()
