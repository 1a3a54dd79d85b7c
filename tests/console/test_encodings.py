"""A terminal that is not UTF-8: whatever verb and names, it prints what it can, escapes the rest, and ends well."""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import Any

import pytest
from click.testing import CliRunner
from rq import Queue

from job_console.console.cli import cli
from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.errors import LockLost
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.redis import keys
from job_console.engine.schedule.store import ScheduleStore

from ..jobs import WRAPPER, wrapped
from .conftest import COMMAND, ROOT, clean_environment

ODD = "Ä·日本 →🐢"
LANE, JOB, GHOST, LOCK = f"{ODD}:short", f"{ODD}||one", f"{ODD}||ghost", f"stock {ODD}"
#: Every verb that ends by itself, with words that no such terminal has.
VERBS: dict[str, list[str]] = {
    "snapshot": [],
    "warnings": [],
    "jobs": ["--method", f"*{ODD}*"],
    "search": [ODD],
    "failures": ["--method", f"*{ODD}*"],
    "metrics-history": ["--method", ODD],
    "report": ["--site", ODD],
    "past": ["1min"],
    "what-if": ["--workers", f"{ODD}:+1"],
    "retry-group": [ODD, "--reason", ODD],
    "cancel-canary": [ODD, "--reason", ODD],
    "waiting": [],
    "bulk": ["cancel", f"method:{ODD}", "--reason", ODD],
    "bulks": [],
    "undo": [ODD],
    "views": [],
    "save-view": [ODD, f"method:{ODD}"],
    "delete-view": [ODD],
    "show": [JOB],
    "explain": [GHOST],
    "where": [JOB],
    "log": [JOB],
    "audit": [],
    "locks": ["--idle"],
    "extend": [LOCK, "--reason", ODD],
    "schedule": ["--day"],
    "watch": ["--once"],
    "fleet": ["--config", ODD],
    "lint": [ODD],
    "lanes": [],
    "workers": [],
    "drain": ["--look", "--reason", ODD],
    **{verb: [ODD, "--reason", ODD] for verb in ("quiet", "unquiet", "stop-worker", "pause-method", "resume-method")},
    **{verb: [LANE, "--reason", ODD] for verb in ("pause-queue", "resume-queue")},
    "move-waiting": [LANE, "--to", f"{ODD}:long", "--reason", ODD],
    "suspend": ["--reason", ODD],
    "mend": ["--dry-run"],
    "resume": ["--reason", ODD],
    "front": [JOB, "--reason", ODD],
    "move": [JOB, "--to", LANE],
    "clear": [JOB, "--queue", LANE],
    "acknowledge": [ODD],
    "snooze": [ODD],
    "mute": [ODD],
    "unmute": [ODD],
    "remedy": [ODD, "fail"],
    "retry": [JOB, "--set", f"name={ODD}"],
    "release": [LOCK, "--reason", ODD],
    **{
        verb: [JOB, "--reason", ODD]
        for verb in (
            *("pause", "unpause", "hand-over", "more-time", "stop", "stop-gently", "close-circuit"),
            *("requeue", "fail", "free", "cancel", "delete"),
        )
    },
}


@pytest.fixture
def odd(redis: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A bench of which every name is odd: a job that waits, one that failed, a ghost, a lock, a schedule."""
    monkeypatch.setattr(diagnosis_limits, "PROOF_S", 0.05)
    lane = Queue(LANE, connection=redis)
    for job_id in (JOB, GHOST):
        kwargs = wrapped(f"shop.{ODD}", site=ODD, user=ODD, customer=ODD)
        lane.enqueue_call(WRAPPER, kwargs=kwargs, job_id=job_id, timeout=60)
    redis.lrem(lane.key, 0, GHOST)
    redis.hset(keys.job(GHOST), "enqueued_at", "2020-01-01T00:00:00.000000Z")
    held = Lock(redis, LOCK, LockOptions(ttl_s=300.0, wait_s=0.0), Who(pid=os.getpid(), host=ODD, method=ODD, site=ODD))
    held.acquire()
    entry = ScheduleEntry(ODD, f"shop.{ODD}", f"{ODD}||s", "short", "0 3 * * *")
    ScheduleStore(redis).publish(Schedule(ODD, True, entries=(entry,)))
    yield
    with contextlib.suppress(LockLost):  # a verb has taken it away
        held.release()


def test_all_verbs_are_here() -> None:
    assert set(VERBS) == set(cli.all()) - {"serve", "demo", "top", "mcp"}, "those stay until they are stopped"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_each_verb_ends_well(server: Any, odd: Any, encoding: str) -> None:
    runner = CliRunner(charset=encoding)
    for verb, arguments in VERBS.items():
        for more in ([], ["--json"]):
            done = runner.invoke(cli, ["--redis", server.url, verb, *arguments, *more])
            assert done.exception is None or isinstance(done.exception, SystemExit), (verb, done.exc_info)
            assert done.exit_code in (0, 2, 3, 4), (verb, done.output)
            assert done.stdout_bytes.decode(encoding) is not None


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252:strict", "PYTHONUTF8": "0"},
    ],
)
def test_as_a_process(server: Any, odd: Any, environment: dict[str, str]) -> None:
    """The environment as it is on an old server, in a cron job, on Windows."""
    for verb, code in (("snapshot", 0), ("show", 0), ("cancel", 0), ("free", 3)):
        done = subprocess.run(
            [*COMMAND, "--redis", server.url, verb, *VERBS[verb]],
            cwd=ROOT,
            env=clean_environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
        )
        assert b"Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, (verb, done.stderr)
        assert b"|one" in done.stdout + done.stderr or verb == "snapshot"
