"""What values may hold."""

from __future__ import annotations

#: Workers, and for how long one is missed that died: after an hour the bench is what it is.
RECENT_WORKERS = 200
RECENT_WORKERS_KEPT_S = 3_600.0
OVERRUN_FACTOR = 2.0
PROGRESS_TEXT_CHARS = 140
