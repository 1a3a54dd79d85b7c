"""Sees through Frappe's wrapper: what a payload really asks for.

`frappe.enqueue` makes every job `frappe.utils.background_jobs.execute_job(site=, user=, method=, event=, job_name=,
is_async=, kwargs=)` (a dotted string in 16, a reference in 15). Recognised by those keywords, so that an app's own
wrapper around it still reads right. A scheduled job is `run_scheduled_job` with `job_type` and, in 16,
`scheduled_job_type`; `enqueue_doc` is `run_doc_method` with `doctype, name, doc_method`; `Document.queue_action` is
`execute_action` with `__doctype, __name, __action`; what a Server Script enqueues is `call_whitelisted_function` with
`function`; a Background Task of 17 is `_execute_task` with `target_method` and `task_*`, of which its method sees none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..messages import _
from ..models.jobs import Call
from . import limits, payload

_WRAPPER = {"site", "method", "kwargs"}
_SCHEDULED = ".run_scheduled_job"
_DOCUMENT = ".run_doc_method"
#: What runs for `Document.queue_action`.
ACTION = "frappe.model.document.execute_action"
_SCRIPT = "frappe.utils.safe_exec.call_whitelisted_function"
#: Our own wrapper, around work that several jobs share: see runtime/chunks/parts.py.
_PARTS = frozenset({"job_console.runtime.chunks.parts.run_part", "job_console.runtime.chunks_parts.run_part"})
#: A Background Task of Frappe 17: around what it is for, with arguments of its own.
TASK = ".task_queue._execute_task"
TASK_ARGUMENTS = frozenset(
    ("task_id", "target_method", "task_user", "task_on_success", "task_on_failure", "task_retry_on")
)
#: Ids that Frappe gives: `SITE||ID` (16), `SITE::ID` (15). The first mark counts: ID may hold the other one.
_SITE_MARK = re.compile(r"(?P<site>[^|:]+)(?:\|\||::)")
_SITE_MARK_BYTES = re.compile(_SITE_MARK.pattern.encode())


def read(job_id: str, data: bytes | None, length: int, description: str | None = None) -> Call:
    """The call in a job's payload. `data` may be its first bytes only, or None, when it is `length` bytes long
    and too large to fetch; RQ's `description` then serves as a label."""
    if data is None and length:
        return unreadable(
            job_id, _("its payload of {length:,} KB is too large to show").format(length=length // 1024), description
        )
    if not data:
        return unreadable(job_id, _("its record holds no payload"), description, broken=True)
    plain, whole = payload.inflate(data)
    if len(data) == length and not whole and len(plain) < limits.INFLATED_BYTES:
        return unreadable(job_id, _("its payload is cut off"), description)
    if not whole or len(data) < length:
        return _from_head(job_id, plain, length, description)
    try:
        function, args, kwargs = payload.read(plain)
    except payload.Unreadable as problem:
        found = unreadable(job_id, str(problem), description, broken=True)
        return replace(found, foreign=not payload.looks_like_ours(plain))
    if is_wrapped(kwargs):
        return wrapped(kwargs)
    arguments: dict[str, Any] = {str(number): value for number, value in enumerate(args)}
    arguments.update(_named(kwargs))
    return Call(method=function, label=function, kind="method", site=site_of_id(job_id), arguments=arguments)


def _from_head(job_id: str, plain: bytes, length: int, description: str | None) -> Call:
    function, head = payload.read_head(plain)
    problem = _("its arguments are too large to show ({length:,.0f} KB in Redis)").format(length=length / 1024)
    if function is None:
        return unreadable(job_id, problem, description)
    if not {"site", "method"} <= head.keys():
        return Call(function, function, "method", site_of_id(job_id), problem=problem)
    method = payload.name_of(head["method"])
    site, user = _text(head["site"]), _text(head.get("user"))
    return Call(method, _text(head.get("job_name")) or method, "method", site, user, problem=problem)


def unreadable(job_id: str, problem: str, description: str | None = None, broken: bool = False) -> Call:
    """A row for a payload that cannot be read: the site is then what the id says, exactly."""
    return Call(
        method="(unreadable)",
        label=description or "(unreadable)",
        kind="unreadable",
        site=site_of_id(job_id),
        problem=problem,
        broken=broken,
    )


def site_of_id(job_id: str) -> str | None:
    """The site that an id names, or None. Only a hint: the payload's `site` is the truth."""
    found = _SITE_MARK.match(job_id)
    return found["site"] if found else None


def names_a_site(job_id: bytes) -> bool:
    """As `site_of_id`, of an id as Redis gives it: a million of them in a quarter of a second."""
    return _SITE_MARK_BYTES.match(job_id) is not None


def ids_of_sites(*job_ids: str) -> dict[str, str]:
    """Those that name a site, and which."""
    return {job_id: site for job_id in job_ids if (site := site_of_id(job_id))}


def site_mark(job_id: str) -> str:
    """The site and its mark, as they begin an id; empty when it names no site."""
    found = _SITE_MARK.match(job_id)
    return found[0] if found else ""


def marks_of(site: str) -> tuple[str, ...]:
    """How the ids of a site's jobs begin."""
    return (f"{site}||", f"{site}::")


def runs_others(method: str) -> bool:
    """Whether this is a wrapper: what it runs is said by its arguments."""
    endings = (_SCHEDULED, _DOCUMENT, TASK, ".background_jobs.execute_job")
    return method in (ACTION, _SCRIPT, *_PARTS) or method.endswith(endings)


def is_action(call: Call) -> bool:
    """Whether `Document.queue_action` has made it: the document is locked until it runs."""
    return call.kind == "document" and "__action" in call.arguments


def is_wrapped(kwargs: Mapping[str, Any]) -> bool:
    """Whether these are the arguments of Frappe's wrapper."""
    return kwargs.keys() >= _WRAPPER


def wrapped(kwargs: Mapping[str, Any]) -> Call:
    """What Frappe's wrapper was asked for, from its keyword arguments."""
    method = payload.name_of(kwargs["method"])
    inner = kwargs["kwargs"]
    if isinstance(inner, payload.Placeholder):
        inner = inner.contents()
    arguments = _named(inner) if isinstance(inner, dict) else {}
    site, user = _text(kwargs.get("site")), _text(kwargs.get("user"))
    scheduled = _text(arguments.get("job_type"))
    if method.endswith(_SCHEDULED) and scheduled:
        record = _text(arguments.get("scheduled_job_type"))
        return Call(scheduled, scheduled, "scheduled", site, user, arguments, scheduled_job=record)
    if method.endswith(_DOCUMENT) and "doc_method" in arguments:
        doctype, name = _text(arguments.get("doctype")), _text(arguments.get("name"))
        real = f"{doctype or '?'}.{_text(arguments['doc_method']) or '?'}"
        document = (doctype, name) if doctype and name else None
        return Call(real, real, "document", site, user, arguments, document=document)
    if method == ACTION and "__action" in arguments:
        # Frappe calls `_submit` for `submit` where there is one: people know it without.
        action = (_text(arguments["__action"]) or "?").removeprefix("_")
        real, document = f"{_text(arguments.get('__doctype')) or '?'}.{action}", _document(arguments)
        return Call(real, real, "document", site, user, arguments, document=document)
    if method == _SCRIPT and (called := _text(arguments.get("function"))):
        return Call(called, called, "method", site, user, arguments, document=_document(arguments))
    if method in _PARTS and _text(arguments.get("work")):
        inside = {"method": arguments["work"], "kwargs": arguments.get("arguments") or {}, "job_name": None}
        return wrapped({**kwargs, **inside})
    if method.endswith(TASK) and "target_method" in arguments:
        target = {name: value for name, value in arguments.items() if name not in TASK_ARGUMENTS}
        return wrapped({**kwargs, "method": arguments["target_method"], "kwargs": target, "job_name": None})
    label = _text(kwargs.get("job_name")) or method
    return Call(method, label, "method", site, user, arguments, document=_document(arguments))


def _named(arguments: Mapping[Any, Any]) -> dict[str, Any]:
    """Keyword arguments have names; what else a payload puts there is no argument of a call that can be made."""
    return {key: value for key, value in arguments.items() if isinstance(key, str)}


def _document(arguments: Mapping[str, Any]) -> tuple[str, str] | None:
    """The document a job works on, where its arguments have Frappe's usual names."""
    # The last of each is what `Document.queue_action` says.
    doctype = arguments.get("doctype") or arguments.get("dt") or arguments.get("__doctype")
    name = arguments.get("name") or arguments.get("docname") or arguments.get("dn") or arguments.get("__name")
    doctype, name = _text(doctype), _text(name)
    return (doctype, name) if doctype and name else None


def _text(value: Any) -> str | None:
    return payload.clean(value) if isinstance(value, str) and value else None
