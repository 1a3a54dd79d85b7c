"""JC8xx: hooks that name functions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..models import Finding, Rule, Severity
from ..read.facts import Function, HookValue
from ..read.reach import EVENTS, Reached
from .subject import Subject

MISSING = Rule(
    "JC801",
    "hook-of-nothing",
    Severity.ERROR,
    "The hook names something that does not exist: it fails each time, a scheduled entry without anybody seeing it.",
    "Name the function as it is imported.",
)
SCHEDULED_ARGUMENTS = Rule(
    "JC802",
    "scheduled-with-arguments",
    Severity.ERROR,
    "The scheduler calls without arguments; this function requires some, and every run fails.",
    "def tidy(days=30): ...",
)
EVENT_ARGUMENTS = Rule(
    "JC803",
    "event-without-arguments",
    Severity.ERROR,
    "A document's event is called with the document and the event's name; this function cannot take both.",
    "def on_submit(doc, method=None): ...",
)

#: Hooks whose values are functions or classes.
_OF_FUNCTIONS = (
    *("scheduler_events", "doc_events", "before_install", "after_install", "before_uninstall", "after_uninstall"),
    *("after_sync", "before_migrate", "after_migrate", "before_app_install", "after_app_install", "extend_bootinfo"),
    *("before_app_uninstall", "after_app_uninstall", "boot_session", "on_session_creation", "on_login", "on_logout"),
    *("permission_query_conditions", "has_permission", "has_website_permission", "override_whitelisted_methods"),
    *("override_doctype_class", "extend_doctype_class", "override_doctype_dashboards", "auth_hooks", "before_request"),
    *("after_request", "before_job", "after_job", "before_tests", "get_translated_dict", "update_website_context"),
    *("website_path_resolver", "standard_queries", "before_write_file", "write_file", "delete_file_data_content"),
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def check_app(reached: Reached) -> Iterator[Finding]:
    for module, hook in reached.hooks(*_OF_FUNCTIONS):
        if not _DOTTED.fullmatch(hook.text):
            continue
        found = reached.app.resolve(hook.text)
        function = reached.app.functions.get(found) if found else None
        if found is None and reached.app.is_there(hook.text) is False:
            yield Finding(module.path, hook.place, MISSING.code, f"there is no {hook.text}")
        elif function and hook.keys[0] == "scheduler_events" and _known(function) and function.parameters.required:
            required = ", ".join(f"`{name}`" for name in sorted(function.parameters.required))
            message = f"the scheduler calls {hook.text} without arguments; it requires {required}"
            yield Finding(module.path, hook.place, SCHEDULED_ARGUMENTS.code, message)
        elif function and _is_event(hook) and _known(function) and not _takes_event(function):
            message = f"{hook.text} is called with the document and the event's name; it cannot take both"
            yield Finding(module.path, hook.place, EVENT_ARGUMENTS.code, message)


def _is_event(hook: HookValue) -> bool:
    """Those of a renaming get more arguments than the event's name."""
    return hook.keys[0] == "doc_events" and hook.keys[-1] in EVENTS and "rename" not in hook.keys[-1]


def _known(function: Function) -> bool:
    """It is called as it is defined."""
    return all(decorator.startswith("frappe.") for decorator in function.decorators)


def _takes_event(function: Function) -> bool:
    parameters = function.parameters
    enough = parameters.takes_any_positional or len(parameters.positional) >= 2
    return enough and not parameters.required - set(parameters.positional[:2])


SUBJECT = Subject(rules=(MISSING, SCHEDULED_ARGUMENTS, EVENT_ARGUMENTS), app=check_app)
