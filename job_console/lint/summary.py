"""From one file to what is kept of it. Runs in many processes at once."""

from __future__ import annotations

import ast
import gc
import tokenize
import warnings

from .read.exemptions import exemptions
from .read.facts import Module
from .read.files import Source
from .read.hooks import hooks
from .read.visit import Visitor
from .rules import CALLS, NODES


def summary(source: Source, packages: frozenset[str]) -> Module:
    module = Module(str(source.path), source.module, source.is_package)
    try:
        with tokenize.open(source.path) as file:
            text = file.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the app's escapes in strings: not our subject
            tree = ast.parse(text)
        Visitor(module, text, CALLS, NODES, packages, source.is_test).read(tree)
    except (SyntaxError, ValueError, OSError, RecursionError) as error:
        module.unread = f"{type(error).__name__}: {error}"
        return module
    if source.path.name == "hooks.py":
        module.hooks = list(hooks(tree))
    module.exempt = exemptions(text)
    return module


def summaries(sources: list[Source], packages: frozenset[str]) -> list[Module]:
    """Of a share of the files. Trees die at once and hold no cycles: the collector would only look for nothing."""
    gc.disable()
    try:
        return [summary(source, packages) for source in sources]
    finally:
        gc.enable()
