"""For workers outside of a bench: `rq worker -c job_console.engine.operate.rq_settings QUEUE…` makes them obey, and
send the spans of jobs that are killed.
"""

from __future__ import annotations

from ..traces import lost
from .obey import install

install()
lost.install()
