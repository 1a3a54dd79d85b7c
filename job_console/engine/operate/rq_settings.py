"""For workers outside of a bench: `rq worker -c job_console.engine.operate.rq_settings QUEUE…` makes them obey."""

from __future__ import annotations

from .obey import install

install()
