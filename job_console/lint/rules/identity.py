"""JC2xx: what keeps the same job from being queued twice, and what only looks so."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..models import Rule, Severity
from ..read.enqueues import enqueue_call, is_inline
from ..read.facts import Suspicion
from ..read.visit import Visitor
from .subject import Subject

NO_ID = Rule(
    "JC201",
    "deduplicate-without-id",
    Severity.ERROR,
    "`deduplicate=True` compares ids: without `job_id` Frappe refuses the call.",
    'frappe.enqueue(sync, job_id=f"sync::{shop}", deduplicate=True, shop=shop)',
)
JOB_NAME = Rule(
    "JC202",
    "job-name",
    Severity.WARNING,
    "`job_name` is a label and keeps nothing from being queued twice; Frappe has deprecated it since version 15.",
    'frappe.enqueue(sync, job_id=f"sync::{shop}", deduplicate=True, shop=shop)',
)
RANDOM = Rule(
    "JC203",
    "random-id",
    Severity.ERROR,
    "An id with a random part or the time in it never meets itself again: it deduplicates nothing.",
    'job_id=f"sync::{shop}"',
)
UNCHECKED = Rule(
    "JC204",
    "id-without-deduplicate",
    Severity.WARNING,
    "A second job with the same `job_id` overwrites the record of the first while it is queued or runs: the arguments "
    "of one are lost, and the other runs twice.",
    'frappe.enqueue(sync, job_id=f"sync::{shop}", deduplicate=True, shop=shop)',
)

_RANDOM = {
    *("frappe.generate_hash", "frappe.utils.random_string", "frappe.utils.generate_hash", "uuid.uuid4", "uuid.uuid1"),
    *("frappe.utils.now", "frappe.utils.now_datetime", "frappe.utils.data.now", "time.time", "datetime.now"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "random.random", "random.randint", "secrets.token_hex"),
    *("frappe.utils.data.now_datetime", "frappe.utils.nowtime", "time.time_ns", "time.monotonic"),
}
#: Whoever calls one with such a name has looked whether the job is there.
_ASKS = ("is_job", "in_queue", "running", "enqueued", "queued", "get_job")


def check(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    call = enqueue_call(node, here)
    if call is None or is_inline(call, here):
        return
    job_id, deduplicate = call.options.get("job_id"), here.constant(call.options.get("deduplicate"))
    if "job_name" in call.options and here.constant(call.options["job_name"]) is not None:
        yield here.suspect(JOB_NAME.code, node, "job_name is only a label: it deduplicates nothing; use job_id")
    if deduplicate is True and not call.open and (job_id is None or here.constant(job_id) in (None, "")):
        yield here.suspect(NO_ID.code, node, "deduplicate=True without job_id: Frappe refuses the call")
    elif deduplicate is True and job_id is not None and (part := _random_part(job_id, here)):
        yield here.suspect(RANDOM.code, node, f"the job_id has {part}() in it: no two calls have the same")
    elif job_id is not None and not call.open and _never(deduplicate, call.options) and not _known(job_id, here):
        message = "job_id without deduplicate=True: a second call overwrites the job that waits or runs"
        yield here.suspect(UNCHECKED.code, node, message)


def _never(deduplicate: object, options: dict[str, ast.expr]) -> bool:
    return "deduplicate" not in options or deduplicate is False


def _random_part(node: ast.expr, here: Visitor) -> str | None:
    expression = here.value(node)
    for one in ast.walk(expression) if expression else ():
        inner = here.value(one) if isinstance(one, ast.Name) else one
        if isinstance(inner, ast.Call) and (name := here.dotted(inner.func)) in _RANDOM:
            return name
    return None


def _known(job_id: ast.expr, here: Visitor) -> bool:
    """The id is nobody's yet: it is random, or the function has looked, or got it from who may have."""
    if _random_part(job_id, here) or here.function is None:
        return True
    if isinstance(job_id, ast.Name) and isinstance(here.value(job_id), ast.Name):
        return True  # an argument: whoever calls this may have asked
    if any(isinstance(one, ast.If) and _mentions(one.test, job_id) for one in here.inside):
        return True
    calls = (one.func for one in ast.walk(here.frames[0].node) if isinstance(one, ast.Call))
    names = [one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in calls]
    return any(word in name for name in names for word in _ASKS)


def _mentions(test: ast.expr, job_id: ast.expr) -> bool:
    """It stands below a condition about that id."""
    names = {one.id for one in ast.walk(job_id) if isinstance(one, ast.Name)}
    asked = [one for call in ast.walk(test) if isinstance(call, ast.Call) for one in call.args]
    return any(isinstance(one, ast.Name) and one.id in names for argument in asked for one in ast.walk(argument))


SUBJECT = Subject(rules=(NO_ID, JOB_NAME, RANDOM, UNCHECKED), calls={"enqueue": check, "enqueue_doc": check})
