"""What is checked: a module for each subject, a code for each rule. To add one: its `Rule` and its check in the module
of its subject, a case in `tests/lint/`, its row in `docs/lint.md`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from ..models import Rule
from ..read.visit import Check
from . import (
    collected,
    context,
    failing,
    hooks,
    identity,
    lanes,
    locking,
    long_work,
    schedule,
    targets,
    transactions,
)
from .subject import Subject

SUBJECTS: tuple[Subject, ...] = (
    collected.SUBJECT,
    transactions.SUBJECT,
    identity.SUBJECT,
    targets.SUBJECT,
    lanes.SUBJECT,
    schedule.SUBJECT,
    failing.SUBJECT,
    long_work.SUBJECT,
    locking.SUBJECT,
    hooks.SUBJECT,
    context.SUBJECT,
)
RULES: Mapping[str, Rule] = {rule.code: rule for subject in SUBJECTS for rule in subject.rules}


def _merged(tables: Iterable[Mapping[str, Check]]) -> dict[str, tuple[Check, ...]]:
    merged: dict[str, tuple[Check, ...]] = {}
    for table in tables:
        for key, check in table.items():
            merged[key] = (*merged.get(key, ()), check)
    return merged


CALLS: Mapping[str, tuple[Check, ...]] = _merged(subject.calls for subject in SUBJECTS)
NODES: dict[type[ast.AST], tuple[Check, ...]] = {}
for _subject in SUBJECTS:
    for _type, _check in _subject.nodes.items():
        NODES[_type] = (*NODES.get(_type, ()), _check)
