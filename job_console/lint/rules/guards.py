"""Conditions under which a rule is silent."""

from __future__ import annotations

import ast

from ..read.visit import Visitor


def is_left_to_caller(test: ast.expr, here: Visitor) -> bool:
    """A condition that is an argument of the function, or one of `frappe.flags` (but that of tests)."""
    if isinstance(test, ast.UnaryOp):
        return is_left_to_caller(test.operand, here)
    if isinstance(test, ast.BoolOp):
        return any(is_left_to_caller(one, here) for one in test.values)
    if isinstance(test, ast.Name):
        return test.id in here.scopes[-1].parameters
    return isinstance(test, ast.Attribute) and test.attr != "in_test" and "flags" in ast.unparse(test.value)
