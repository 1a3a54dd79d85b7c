"""All modules together: what a dotted name leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from .facts import Class, Function, Module

_DOCUMENT = "frappe.model.document.Document"
#: Frappe's own kinds of documents, by the end of their name.
_DOCUMENTS = (".Document", ".NestedSet", ".WebsiteGenerator", ".BaseDocument")
#: Modules import each other, also in circles.
_DEPTH = 6


class App:
    def __init__(self, modules: Iterable[Module], packages: frozenset[str]) -> None:
        self.modules = {module.name: module for module in modules}
        self.packages = packages
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.path_of: dict[str, str] = {}
        for module in self.modules.values():
            self.functions.update(module.functions)
            self.classes.update(module.classes)
            self.path_of.update(dict.fromkeys(module.functions, module.path))

    def resolve(self, name: str, depth: int = _DEPTH) -> str | None:
        """The name under which a function or class is defined, however it is imported; None: not in these apps."""
        if name in self.functions or name in self.classes:
            return name
        module, rest = self._split(name)
        if module is None or not rest or not depth:
            return None
        first, *more = rest
        local = f"{module.name}.{first}"
        if more and local in self.classes:
            return self.method(local, more[0]) if len(more) == 1 else None
        alias = module.aliases.get(first)
        if alias and alias != local:
            return self.resolve(".".join([alias, *more]), depth - 1)
        return next(
            (found for star in module.stars if (found := self.resolve(f"{star}.{'.'.join(rest)}", depth - 1))), None
        )

    def is_there(self, name: str, depth: int = _DEPTH) -> bool | None:
        """Whether a dotted name leads to anything; None: it cannot be known from here."""
        if self.resolve(name):
            return True
        if not depth or name.split(".")[0] not in self.packages:
            return None
        module, rest = self._split(name)
        if module is None or module.unread or module.dynamic:
            return None
        if not rest:
            return True
        if rest[0] in module.assigned:
            return None
        alias = module.aliases.get(rest[0])
        if alias and alias != f"{module.name}.{rest[0]}":
            return (
                self.is_there(".".join([alias, *rest[1:]]), depth - 1) if alias.split(".")[0] in self.packages else None
            )
        if alias and len(rest) > 1:
            return None
        known = [self.is_there(".".join([star, *rest]), depth - 1) for star in module.stars]
        return None if None in known else any(known)

    def _split(self, name: str) -> tuple[Module | None, list[str]]:
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            if module := self.modules.get(".".join(parts[:cut])):
                return module, parts[cut:]
        return None, parts

    # Classes.

    def lineage(self, name: str) -> Iterator[str]:
        """The class and those above it that are defined here, roughly as Python looks them up; and names of others."""
        seen, waiting = set(), [name]
        while waiting:
            current = waiting.pop(0)
            if current in seen:
                continue
            seen.add(current)
            yield current
            if cls := self.classes.get(current):
                waiting.extend(self.resolve(base) or base for base in cls.bases)

    def method(self, owner: str, name: str) -> str | None:
        for one in self.lineage(owner):
            if f"{one}.{name}" in self.functions:
                return f"{one}.{name}"
        return None

    def method_above(self, owner: str, name: str) -> str | None:
        for one in list(self.lineage(owner))[1:]:
            if f"{one}.{name}" in self.functions:
                return f"{one}.{name}"
        return None

    @cached_property
    def documents(self) -> frozenset[str]:
        """Classes of documents: below Frappe's `Document`, or below a controller of an app that is not read here."""
        return frozenset(name for name in self.classes if any(self._is_document(one) for one in self.lineage(name)))

    def _is_document(self, name: str) -> bool:
        if name in self.classes:
            return name.startswith("frappe.") and name.endswith(_DOCUMENTS)
        return name.endswith(_DOCUMENTS) or ".doctype." in name

    def methods_known(self, owner: str) -> bool:
        """All of its methods can be read: nothing above it but Frappe's `Document`."""
        return all(one in self.classes or one == _DOCUMENT for one in self.lineage(owner))

    def has_below(self, owner: str) -> bool:
        """Something is derived from it here: `self` may be that."""
        return owner in self._derived

    @cached_property
    def _derived(self) -> frozenset[str]:
        return frozenset(self.resolve(base) or base for cls in self.classes.values() for base in cls.bases)

    @cached_property
    def _controllers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.documents:
            *folders, _ = name.split(".")
            if len(folders) > 2 and folders[-3] == "doctype" and folders[-2] == folders[-1]:
                found.setdefault(folders[-1], []).append(name)
        return found

    def controller(self, doctype: str) -> str | None:
        """The class of a document's type; None: of another app, or not the only one."""
        scrubbed = doctype.replace(" ", "_").replace("-", "_").lower()
        named = [
            one
            for one in self._controllers.get(scrubbed, [])
            if one.rpartition(".")[2].lower() == scrubbed.replace("_", "")
        ]
        return named[0] if len(named) == 1 else None
