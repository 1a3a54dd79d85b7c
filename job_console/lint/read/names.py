"""What a name means where it is used: scopes, imports, and the little of values that rules need."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

#: `frappe.cache` is an object, and was a function: both are written.
_SAME_WHEN_CALLED = {"frappe.cache"}


@dataclass
class Scope:
    """Names of one function, or of the module's top."""

    #: Dotted name of the function or module.
    name: str
    aliases: dict[str, str] = field(default_factory=dict)
    #: The expression last assigned to a local name.
    values: dict[str, ast.expr] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()


def imported(node: ast.Import | ast.ImportFrom, module: str, is_package: bool) -> Iterator[tuple[str, str]]:
    """(name here, dotted name)."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        return
    source = absolute(node, module, is_package)
    for alias in node.names:
        if alias.name != "*":
            yield alias.asname or alias.name, f"{source}.{alias.name}"


def absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])


def dotted(node: ast.expr, scopes: list[Scope]) -> str | None:
    """`frappe.db.commit`, `shop.orders.send`, `self.send`, `frappe.get_doc().save`; None: cannot be known."""
    if isinstance(node, ast.Name):
        return _meaning(node.id, scopes)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value, scopes)
        return f"{before}.{node.attr}" if before else None
    if isinstance(node, ast.Call):
        called = dotted(node.func, scopes)
        if called is None or called in _SAME_WHEN_CALLED:
            return called
        return f"{called}()"
    return None


def _meaning(name: str, scopes: list[Scope]) -> str | None:
    for depth in range(len(scopes) - 1, -1, -1):
        scope = scopes[depth]
        if found := scope.aliases.get(name):
            return found
        if name in scope.values:
            value = scope.values[name]
            # What a name holds is looked up where it was assigned; a name that is built from itself ends here.
            outside = [*scopes[:depth], Scope(scope.name, scope.aliases, {}, scope.parameters)]
            return dotted(value, outside) if isinstance(value, (ast.Call, ast.Attribute)) else None
        if name in scope.parameters:
            return name if name in ("self", "cls") else f"@{name}"
    return name


def constant(node: ast.expr | None) -> object:
    """The value of a literal, also of `60 * 60`; `...` when it is none."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = constant(node.operand)
        return -inner if isinstance(inner, (int, float)) else ...
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Add)):
        left, right = constant(node.left), constant(node.right)
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return left * right if isinstance(node.op, ast.Mult) else left + right
    return ...
