"""What is read of bytes, and what a page would get of it."""

from __future__ import annotations

import json
import zlib

from job_console.engine.jobs.redact import Redaction
from job_console.engine.rq import call


def read(value: bytes) -> call.Call:
    data = zlib.compress(value)
    return call.read("a.localhost||x", data, len(data))


def shown(value: bytes) -> str:
    """What a page would get of it; fails when that is no JSON."""
    read_call = read(value)
    return json.dumps([Redaction().arguments(read_call.arguments), read_call.method, read_call.label], allow_nan=False)
