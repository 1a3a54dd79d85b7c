"""JC6xx: jobs that hold a worker, or lose their place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..models import Rule, Severity
from ..read.facts import Reach, Suspicion
from ..read.visit import FunctionNode, Visitor
from .subject import Subject

SLEEP = Rule(
    "JC601",
    "sleep-in-job",
    Severity.WARNING,
    "A job that sleeps holds a worker that does nothing, while others wait for one.",
    "End the job; let the next run of a schedule, or a job that is enqueued when the answer comes, go on.",
)
OFFSET = Rule(
    "JC602",
    "offset-over-changing-rows",
    Severity.WARNING,
    "Pages are counted by an offset in Frappe's default order, while the loop changes, inserts or deletes such rows: "
    "some are skipped, others come twice.",
    'frappe.get_all(..., filters={"name": (">", last)}, order_by="name", limit=100)',
)
ALL_AT_ONCE = Rule(
    "JC603",
    "commit-in-loop",
    Severity.NOTE,
    "The loop commits as it goes, over rows that were all fetched at its beginning: a run that is killed begins again "
    "from the first, unless the query leaves out what is done.",
    "for order in job_console.each(names, chunk=100): ...",
)

SCHEDULED = Rule(
    "JC604",
    "scheduled-long-work",
    Severity.NOTE,
    "The scheduled function works through a whole table itself, in the lane of quick jobs: it grows until it meets the "
    "timeout of 300 s, and then begins again from the first row each time.",
    'scheduler_events = {"daily_long": [...]}, or a job for each: frappe.enqueue(remind, order=order)',
)

_SLEEPS = {"time.sleep"}
#: Below that it is a breath between two calls.
_SHORT_S = 1
_QUERIES = {"frappe.get_all", "frappe.get_list", "frappe.db.get_all", "frappe.db.get_list"}
_SAVES = {
    f"frappe.{make}().{save}" for make in ("get_doc", "new_doc") for save in ("save", "submit", "insert", "cancel")
}
_READS = {"get_all", "get_list"}
_CHANGES = {"save", "insert", "submit", "cancel", "delete_doc", "delete", "db_set", "set_value"}


def check_sleep(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if here.dotted(node.func) not in _SLEEPS or not node.args:
        return
    if _is_backoff(node, here):
        return
    seconds = here.constant(node.args[0])
    if isinstance(seconds, (int, float)) and seconds < _SHORT_S:
        return
    words = f"{seconds:g} s" if isinstance(seconds, (int, float)) else "a while"
    yield here.suspect(SLEEP.code, node, f"the job sleeps {words}, and its worker with it", Reach.JOB)


def _is_backoff(node: ast.Call, here: Visitor) -> bool:
    """A few tries, further and further apart: after an exception, or in a loop that counts them."""
    return any(isinstance(one, ast.ExceptHandler) for one in here.inside) or any(
        isinstance(loop, ast.For) and isinstance(loop.iter, ast.Call) and here.dotted(loop.iter.func) == "range"
        for loop in here.loops(node)
    )


def check_page(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if here.dotted(node.func) not in _QUERIES:
        return
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    start = given.get("limit_start") or given.get("start")
    loops = here.loops(node)
    if isinstance(start, ast.Name) and "order_by" not in given and loops and _changes_rows(loops[0]):
        message = "pages by offset in the default order, while the loop changes the rows: page by name instead"
        yield here.suspect(OFFSET.code, node, message)


def _changes_rows(loop: ast.AST) -> bool:
    calls = (one.func for one in ast.walk(loop) if isinstance(one, ast.Call))
    return any((one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")) in _CHANGES for one in calls)


def check_commit(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if here.dotted(node.func) != "frappe.db.commit":
        return
    loop = next((one for one in here.loops(node) if isinstance(one, ast.For)), None)
    if loop is None:
        return
    rows = here.value(loop.iter)
    if isinstance(rows, ast.Call) and (here.dotted(rows.func) or "").rpartition(".")[2] in _READS:
        message = "commits in a loop over rows that were fetched at once: a killed run begins again from the first"
        yield here.suspect(ALL_AT_ONCE.code, node, message, Reach.JOB)


def check_loops(function: FunctionNode, here: Visitor) -> Iterator[Suspicion]:
    for node in ast.walk(function):
        if isinstance(node, ast.For):
            yield from _check_loop(node, here)


def _check_loop(node: ast.For, here: Visitor) -> Iterator[Suspicion]:
    """Over all rows of a query without a limit, of which each is saved as a document or asked for elsewhere."""
    rows = here.value(node.iter)
    if not isinstance(rows, ast.Call) or here.dotted(rows.func) not in _QUERIES or here.deferred:
        return
    if any(keyword.arg in ("limit", "limit_page_length", "page_length", None) for keyword in rows.keywords):
        return
    calls = [one for statement in node.body for one in ast.walk(statement) if isinstance(one, ast.Call)]
    names = [here.dotted(one.func) or "" for one in calls]
    if any(name.rpartition(".")[2] in ("enqueue", "enqueue_doc") for name in names):
        return
    if any(_is_heavy(name) for name in names):
        message = "a scheduled function of a quick lane saves or requests something for each row of a table"
        yield here.suspect(SCHEDULED.code, node.iter, message, Reach.SCHEDULED)


def _is_heavy(name: str) -> bool:
    return name.startswith("requests.") or name in _SAVES


SUBJECT = Subject(
    rules=(SLEEP, OFFSET, ALL_AT_ONCE, SCHEDULED),
    nodes={ast.arguments: check_loops},
    calls={"sleep": check_sleep, "get_all": check_page, "get_list": check_page, "commit": check_commit},
)
