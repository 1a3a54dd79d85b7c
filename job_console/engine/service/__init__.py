"""The facade that both hosts call: JSON-ready answers, scoped to a viewer, with the errors of `errors`.

Offers `Engine` (one a process), `Console` (one a request) and `Viewer`. May import every room of the engine but `host`.

engine = Engine(connect("redis://127.0.0.1:6379"))
console = engine.console(Viewer("root@host"))
console.snapshot()
console.jobs.show("some-id")
"""

from .console import Console
from .context import WHOLE_SURVEY_S, parse_time
from .engine import Engine
from .viewer import Viewer

__all__ = ["WHOLE_SURVEY_S", "Console", "Engine", "Viewer", "parse_time"]
