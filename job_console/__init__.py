"""Job Console: sees, explains and mends the background jobs of a Frappe bench."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

#: What application code calls, by the module of the runtime that has it. Loaded when first used: Frappe imports this
#: package on every site, and the operator console runs where there is no Frappe.
_RUNTIME = {
    "each": "chunks.each",
    "enqueue": "enqueue.enqueue",
    "job": "declare.decorator",
    "lock": "locks.lock",
    "once": "once",
    "progress": "progress.progress",
    "track": "progress.progress",
}


def __getattr__(name: str) -> Any:
    if name in _RUNTIME:
        globals()[name] = found = getattr(import_module(f"{__name__}.runtime.{_RUNTIME[name]}"), name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
