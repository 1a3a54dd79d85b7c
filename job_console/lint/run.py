"""Apps in, a report out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .models import Finding, Severity
from .read.app import App
from .read.facts import Module, Reach
from .read.files import Source, Tree, find
from .read.reach import Reached
from .rules import RULES, SUBJECTS
from .settings import Settings
from .summary import summaries

#: Below that many files another process costs more than it saves.
_FEW = 60
#: Shares per process: files differ in size, and nobody should wait for the last.
_SHARES = 8


@dataclass(frozen=True)
class Unread:
    path: str
    why: str


@dataclass(frozen=True)
class Report:
    findings: tuple[Finding, ...]
    files: int
    #: Files that this Python could not read: nothing is known of them.
    unread: tuple[Unread, ...]

    @property
    def is_clean(self) -> bool:
        return all(RULES[finding.code].severity is Severity.NOTE for finding in self.findings)


def lint(paths: list[Path], settings: Settings, processes: int | None = None) -> Report:
    """All of an app is read, whatever part of it `paths` names; what is reported is of that part."""
    tree = find(paths)
    modules = _read(tree, processes or os.cpu_count() or 1)
    reached = Reached(App(modules, tree.packages))
    by_path = {module.path: module for module in modules}
    asked = [path.resolve() for path in paths]
    found = {
        finding
        for finding in (*_suspicions(reached), *_of_app(reached))
        if settings.wants(finding.code)
        and not _is_exempt(finding, by_path[finding.path])
        and _is_asked(Path(finding.path), asked)
        and not settings.excludes(Path(finding.path))
    }
    unread = tuple(Unread(module.path, module.unread) for module in modules if module.unread)
    return Report(tuple(sorted(found, key=lambda one: one.order)), len(modules), unread)


def _read(tree: Tree, processes: int) -> list[Module]:
    sources = list(tree.sources)
    if len(sources) < _FEW or processes == 1:
        return summaries(sources, tree.packages)
    count = processes * _SHARES
    shares: list[list[Source]] = [sources[start::count] for start in range(count)]
    with ProcessPoolExecutor(processes) as pool:
        read = pool.map(summaries, shares, [tree.packages] * count)
        return [module for share in read for module in share]


def _suspicions(reached: Reached) -> Iterator[Finding]:
    for module in reached.app.modules.values():
        for one in module.suspicions:
            way = reached.way(one.function, one.reach)
            if way:
                through = way.words() if one.reach is not Reach.ANYWHERE else ()
                yield Finding(module.path, one.place, one.code, one.message, through, one.fix)


def _of_app(reached: Reached) -> Iterator[Finding]:
    for subject in SUBJECTS:
        if subject.app:
            yield from subject.app(reached)


def _is_exempt(finding: Finding, module: Module) -> bool:
    """By a comment on the first or the last line of what is reported."""
    for line in (finding.place.line, finding.place.end_line):
        if line in module.exempt and (not module.exempt[line] or finding.code in module.exempt[line]):
            return True
    return False


def _is_asked(path: Path, asked: list[Path]) -> bool:
    return any(path == one or one in path.parents for one in asked)
