"""One look, of now or of then, as one viewer sees it."""

from __future__ import annotations

from ..watch.watch import Look
from ..wire import Json, snapshot_json
from .context import Context
from .warnings import Warnings


def snapshot_of(context: Context, look: Look) -> Json:
    warnings = Warnings(context).reported(look)
    view, seen = context.view(look.bench), context.scope.bench(look.bench)
    return {**snapshot_json(view, seen, context.viewer.site, warnings), **context.engine.names}
