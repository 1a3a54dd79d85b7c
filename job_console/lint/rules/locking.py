"""JC7xx: locks made by hand, and checks that two jobs pass at once."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ..models import Rule, Severity
from ..read.facts import Reach, Suspicion
from ..read.names import constant
from ..read.visit import Visitor
from .subject import Subject

CACHE_LOCK = Rule(
    "JC701",
    "lock-in-cache",
    Severity.WARNING,
    "A key of the cache is no lock: two can find it free at once, it runs out while the work goes on or stays for ever "
    "when the work is killed, and whoever ends first frees it for the other.",
    'with job_console.lock("sync", ttl=300): ...',
)
FILE_LOCK = Rule(
    "JC702",
    "file-lock-in-job",
    Severity.NOTE,
    "A file lock holds on one host only; workers of another do not see it.",
    'with job_console.lock("sync", ttl=300): ...',
)
CHECK_THEN_INSERT = Rule(
    "JC703",
    "check-then-insert",
    Severity.NOTE,
    "Two jobs that run at once both find nothing, and both insert, unless a unique field or the name forbids it.",
    "A unique field, and `except frappe.UniqueValidationError`; or job_console.once.",
)

_GETS = {"get_value", "get", "exists"}
_SETS = {"set_value", "set", "setex"}
_DELETES = {"delete_value", "delete", "delete_key"}
#: What is kept says nothing but that it is there.
_MARKS = (True, 1, "1", b"1", "true", "True", "locked", "running")


@dataclass
class _Uses:
    """What a module does with one key of the cache."""

    claimed: ast.Call | None = None
    set: ast.Call | None = None
    asked: bool = False
    freed: bool = False


def check_module(tree: ast.Module, here: Visitor) -> Iterator[Suspicion]:
    """A key may be set by one function and asked for by another: all of a module counts."""
    if "cache" not in here.text:
        return
    keys: dict[str, _Uses] = defaultdict(_Uses)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and (verb := _verb(node)) and _is_one_key(node.args[0]):
            _note(node, verb, keys[ast.dump(node.args[0])])
        elif isinstance(node, (ast.If, ast.While)):
            for one in ast.walk(node.test):
                if isinstance(one, ast.Call) and one.args and _verb(one) in _GETS and _is_one_key(one.args[0]):
                    keys[ast.dump(one.args[0])].asked = True
    for uses in keys.values():
        call = uses.claimed or (uses.set if uses.asked else None)
        if call and uses.freed:
            message = "a key of the cache is used as a lock: it knows no holder, and one can free it for another"
            yield here.suspect(CACHE_LOCK.code, call, message)


def _verb(call: ast.Call) -> str | None:
    """`set_value` of `frappe.cache.set_value`, `frappe.cache().set_value`, `cache.set_value`."""
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = call.func.value.func if isinstance(call.func.value, ast.Call) else call.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return call.func.attr if name == "cache" else None


def _is_one_key(node: ast.expr) -> bool:
    """The same wherever it stands: a text, or a constant of the module."""
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)) or (
        isinstance(node, ast.Name) and node.id.isupper()
    )


def _note(call: ast.Call, verb: str, uses: _Uses) -> None:
    values = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg in ("val", "value"))]
    value = constant(values[0]) if values else ...
    only_if_free = any(keyword.arg == "nx" and constant(keyword.value) is True for keyword in call.keywords)
    if verb == "setnx" or (verb == "set" and only_if_free):
        if value in _MARKS:
            uses.claimed = call
    elif verb in _SETS and value in (False, 0, None):
        uses.freed = True
    elif verb in _SETS and value in _MARKS:
        uses.set = call
    elif verb in _DELETES:
        uses.freed = True


def check_filelock(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if here.dotted(node.func) == "frappe.utils.synchronization.filelock":
        yield here.suspect(FILE_LOCK.code, node, "a file lock does not reach workers of another host", Reach.JOB)


def check_insert(node: ast.If, here: Visitor) -> Iterator[Suspicion]:
    test = node.test.operand if isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not) else None
    if not isinstance(test, ast.Call) or here.dotted(test.func) != "frappe.db.exists" or len(test.args) < 2:
        return
    if not isinstance(test.args[1], ast.Dict):
        return
    for statement in node.body:
        for one in ast.walk(statement):
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "insert":
                message = "two jobs at once both find nothing here, and both insert"
                yield here.suspect(CHECK_THEN_INSERT.code, test, message, Reach.JOB)
                return


SUBJECT = Subject(
    rules=(CACHE_LOCK, FILE_LOCK, CHECK_THEN_INSERT),
    calls={"filelock": check_filelock},
    nodes={ast.Module: check_module, ast.If: check_insert},
)
