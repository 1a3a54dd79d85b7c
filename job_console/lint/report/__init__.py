"""The ways to print what was found: for people, for GitHub's annotations, as SARIF, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..run import Report
from . import as_json, github, sarif, text

#: By the name that `--format` has for it: lines to print.
FORMATS: Mapping[str, Callable[[Report], Iterator[str]]] = {
    "text": text.lines,
    "github": github.lines,
    "sarif": sarif.lines,
    "json": as_json.lines,
}
