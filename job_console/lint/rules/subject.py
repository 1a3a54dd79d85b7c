"""What a module of rules offers: its rules, and the functions that look for them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..models import Finding, Rule
from ..read.reach import Reached
from ..read.visit import Check


@dataclass(frozen=True)
class Subject:
    rules: tuple[Rule, ...]
    #: Asked for each call of a function or method of this name, while a file is read.
    calls: Mapping[str, Check] = field(default_factory=dict)
    #: Asked for each node of this type; those of `ast.arguments` once a whole function was read, with the function.
    nodes: Mapping[type[ast.AST], Check] = field(default_factory=dict)
    #: Asked once, when all files were read.
    app: Callable[[Reached], Iterator[Finding]] | None = None
