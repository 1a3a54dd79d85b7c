"""Which functions run in a job, and which in a document's event, with the way that leads to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from .app import App
from .facts import Enqueue, HookValue, Module, Reach

#: Methods of a document that Frappe calls within the transaction that saves, submits, cancels or deletes it.
EVENTS = frozenset(
    {
        *("before_insert", "after_insert", "before_validate", "validate", "before_save", "on_update", "on_change"),
        *("before_submit", "on_submit", "before_cancel", "on_cancel", "on_trash", "after_delete"),
        *("before_update_after_submit", "on_update_after_submit", "before_rename", "after_rename"),
    }
)
#: Functions from a document's event down. Each call may be made in some cases only; further down it is rarely this one.
_FAR = 5
#: Frequencies whose jobs stand in the lane `default`.
_QUICK = {"all", "hourly", "daily", "weekly", "monthly", "yearly", "cron"}
_DECORATORS_OF_JOBS = {"frappe.task", "job_console.job"}


@dataclass(frozen=True)
class Way:
    """From a root down to a function."""

    steps: tuple[str, ...]

    def words(self) -> tuple[str, ...]:
        """Short: class and method, or function."""
        return tuple(step[len(_module(step)) :].lstrip(".") or step for step in self.steps)


def _module(name: str) -> str:
    *before, _last = name.split(".")
    return ".".join(before[:-1]) if before and before[-1][:1].isupper() else ".".join(before)


class Reached:
    def __init__(self, app: App) -> None:
        self.app = app
        self._edges: dict[str, tuple[str, ...]] = {}

    def way(self, function: str | None, reach: Reach) -> Way | None:
        """How `function` is reached; None: it is not."""
        if reach is Reach.ANYWHERE:
            return Way(())
        if reach is Reach.SCHEDULED:
            return Way((function,)) if function and self._is_quick(function) else None
        parents = self.in_jobs if reach is Reach.JOB else self.in_events
        while function and function not in parents and "." in function:
            # What is within a function is reached with it.
            function = function.rpartition(".")[0]
            if function not in self.app.functions:
                return None
        if not function or function not in parents:
            return None
        steps = [function]
        while (above := parents[steps[-1]]) is not None:
            steps.append(above)
        return Way(tuple(reversed(steps))) if reach is Reach.JOB or len(steps) <= _FAR else None

    @cached_property
    def in_jobs(self) -> dict[str, str | None]:
        return self._spread(self.job_roots)

    @cached_property
    def in_events(self) -> dict[str, str | None]:
        return self._spread(self._event_roots())

    @cached_property
    def job_roots(self) -> frozenset[str]:
        found = {target for module in self.app.modules.values() for target in self._enqueued(module)}
        found.update(self.scheduled)
        found.update(
            function.name for function in self.app.functions.values() if _DECORATORS_OF_JOBS & set(function.decorators)
        )
        return frozenset(found)

    def _enqueued(self, module: Module) -> Iterator[str]:
        for enqueue in module.enqueues:
            if not enqueue.inline and (found := self.enqueued(enqueue)):
                yield found

    def enqueued(self, enqueue: Enqueue) -> str | None:
        """The function here that it will run."""
        if enqueue.target:
            owner, _, method = enqueue.target.rpartition(".")
            if owner in self.app.classes:
                return self.app.method(owner, method)
            return self.app.resolve(enqueue.target)
        owner_of = self.owner_of_document(enqueue)
        return self.app.method(owner_of, enqueue.method) if owner_of and enqueue.method else None

    def owner_of_document(self, enqueue: Enqueue) -> str | None:
        if not enqueue.doctype:
            return None
        return enqueue.doctype[1:] if enqueue.doctype.startswith("=") else self.app.controller(enqueue.doctype)

    @cached_property
    def scheduled(self) -> dict[str, list[tuple[Module, HookValue]]]:
        """Functions here that the scheduler runs, with the hooks that say so."""
        found: dict[str, list[tuple[Module, HookValue]]] = {}
        for module, hook in self.hooks("scheduler_events"):
            if name := self.app.resolve(hook.text):
                found.setdefault(name, []).append((module, hook))
        return found

    def _is_quick(self, function: str) -> bool:
        return any(hook.keys[1:2] and hook.keys[1] in _QUICK for _, hook in self.scheduled.get(function, ()))

    def hooks(self, *names: str) -> Iterator[tuple[Module, HookValue]]:
        for module in self.app.modules.values():
            for hook in module.hooks:
                if hook.keys[0] in names:
                    yield module, hook

    def _event_roots(self) -> Iterator[str]:
        for _, hook in self.hooks("doc_events"):
            if hook.keys[-1] in EVENTS and (found := self.app.resolve(hook.text)):
                yield found
        for name, function in self.app.functions.items():
            if function.owner in self.app.documents and name.rpartition(".")[2] in EVENTS:
                yield name

    # Calls.

    def calls(self, name: str) -> tuple[str, ...]:
        """Functions of these apps that it calls."""
        if name not in self._edges:
            found = (self._callee(callee) for callee in sorted(self.app.functions[name].calls))
            self._edges[name] = tuple(one for one in found if one and one in self.app.functions)
        return self._edges[name]

    def _callee(self, callee: str) -> str | None:
        if callee.startswith("super "):
            owner, _, method = callee.removeprefix("super ").rpartition(".")
            return self.app.method_above(owner, method)
        owner, _, method = callee.rpartition(".")
        if owner in self.app.classes:
            return self.app.method(owner, method)
        found = self.app.resolve(callee)
        return self.app.method(found, "__init__") if found in self.app.classes else found

    def _spread(self, roots: Iterable[str]) -> dict[str, str | None]:
        """Everything below, by the shortest way: each with the function that it was reached from."""
        parents: dict[str, str | None] = dict.fromkeys(sorted(set(roots) & self.app.functions.keys()))
        waiting = list(parents)
        for name in waiting:
            for callee in self.calls(name):
                if callee not in parents:
                    parents[callee] = name
                    waiting.append(callee)
        return parents
