"""What an app's hooks.py says, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .facts import HookValue
from .visit import place

_DEPTH = 8


def hooks(tree: ast.Module) -> Iterator[HookValue]:
    """Every string, with the keys that lead to it. Names of the same module are followed; what is computed is not."""
    assigned: dict[str, ast.expr] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            assigned.update({one.id: statement.value for one in statement.targets if isinstance(one, ast.Name)})
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            assigned[statement.target.id] = statement.value
    for name, value in assigned.items():
        yield from _strings((name,), value, assigned, _DEPTH)


def _strings(keys: tuple[str, ...], node: ast.expr, assigned: dict[str, ast.expr], depth: int) -> Iterator[HookValue]:
    if not depth:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield HookValue(keys, node.value, place(node))
    elif isinstance(node, ast.Name) and node.id in assigned:
        yield from _strings(keys, assigned[node.id], assigned, depth - 1)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for element in node.elts:
            yield from _strings(keys, element, assigned, depth - 1)
    elif isinstance(node, ast.Starred):
        yield from _strings(keys, node.value, assigned, depth - 1)
    elif isinstance(node, ast.BinOp):
        yield from _strings(keys, node.left, assigned, depth - 1)
        yield from _strings(keys, node.right, assigned, depth - 1)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            inner = keys if key is None else (*keys, _key(key))
            yield from _strings(inner, value, assigned, depth - 1)


def _key(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "?"
