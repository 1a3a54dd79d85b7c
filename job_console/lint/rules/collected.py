"""No rule of its own: notes every `frappe.enqueue` for those that need the whole app."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..read.enqueues import enqueue, enqueue_call
from ..read.facts import Suspicion
from ..read.visit import Visitor
from .subject import Subject


def collect(node: ast.Call, here: Visitor) -> Iterator[Suspicion]:
    if call := enqueue_call(node, here):
        here.module.enqueues.append(enqueue(call, here))
    yield from ()


SUBJECT = Subject(rules=(), calls={"enqueue": collect, "enqueue_doc": collect})
