"""`mcp`: an assistant's program, which is the SDK's own client, looks at a real bench and acts on it over stdio."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from job_console.console.cli import cli
from job_console.console.embedded import Embedded
from job_console.engine.errors import BadRequest
from tests.console.conftest import COMMAND, ROOT, clean_environment
from tests.engine import bench

anyio = pytest.importorskip("anyio", reason="the MCP SDK is not installed: pip install 'job_console[mcp]'")
mcp = pytest.importorskip("mcp", reason="the MCP SDK is not installed: pip install 'job_console[mcp]'")
bounded = pytest.importorskip("job_console.console.mcp.bounded")
tools = pytest.importorskip("job_console.console.mcp.tools")

FAILED, WAITING = "a.localhost||failed", "a.localhost||waiting"
Talk = Callable[[Any], Awaitable[None]]


@pytest.fixture
def talk(server: Embedded, redis: Any, workers: Any) -> Callable[..., None]:
    """`talk(asking, "--act", …)`: a client of a server of its own, on a bench where one job failed and one waits."""
    bench.enqueue(redis, "tests.jobs.fail", name="failed", kwargs={"message": "no such warehouse"})
    workers.start(bench.SHORT, burst=True).wait()
    bench.enqueue(redis, name="waiting", queue=bench.LONG, kwargs={"customer": "C-1", "password": "hunter2"})

    def talk(asking: Talk, *options: str) -> None:
        command = [*COMMAND[1:], "--redis", server.url, "mcp", *options]
        program = mcp.StdioServerParameters(command=sys.executable, args=command, env=clean_environment(), cwd=ROOT)

        async def all_of_it() -> None:
            async with mcp.Client(program) as client:
                await asking(client)

        anyio.run(all_of_it)

    return talk


async def asked(client: Any, name: str, **arguments: Any) -> Any:
    answer = await client.call_tool(name, arguments)
    assert not answer.is_error, answer.content
    return json.loads(answer.content[0].text)


async def refused(client: Any, name: str, **arguments: Any) -> str:
    answer = await client.call_tool(name, arguments)
    assert answer.is_error, answer.content
    return str(answer.content[0].text)


def test_an_assistant_looks_and_sees_what_the_api_shows(talk: Any, server: Embedded, redis: Any) -> None:
    yesterday = (datetime.now(timezone.utc) - timedelta(days=1)).isoformat()

    async def asking(client: Any) -> None:
        assert f"Redis 127.0.0.1:{server.port}" in client.instructions
        assert "you may look, and not act" in client.instructions
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == [tool.name for tool in tools.LOOKS]
        assert all(tool.annotations.read_only_hint for tool in listed)

        assert str(server.port) in (await asked(client, "snapshot"))["server"]
        found = await asked(client, "jobs", q="status:failed error:warehouse", size=5)
        assert [job["id"] for job in found["jobs"]] == [FAILED]
        assert "no such warehouse" in (await asked(client, "show", job_id=FAILED))["error"]["traceback"]
        shown = json.dumps(await asked(client, "show", job_id=WAITING))
        assert "C-1" in shown
        assert "hunter2" not in shown
        assert (await asked(client, "explain", job_id=WAITING))["because"]
        (group,) = (await asked(client, "failures"))["groups"]
        assert (await asked(client, "failure_jobs", group=group["group"]))["jobs"][0]["id"] == FAILED
        first, *_ = (await asked(client, "warnings"))["warnings"]
        assert (await asked(client, "about_warning", code=first["code"]))["do"]
        assert (await asked(client, "search", q="waiting"))["jobs"]
        assert (await asked(client, "waiting"))["waiting"] == 1
        assert (await asked(client, "metrics_history", last="1h", by="queue"))["by"] == "queue"
        assert (await asked(client, "moment", at=yesterday))["snapshot"] is None
        for name, part in (("locks", "locks"), ("schedule", "schedules"), ("audit", "entries")):
            assert (await asked(client, name))[part] == []

    redis.set("rq:suspended", 1)
    talk(asking)


def test_what_makes_no_sense_is_said_and_the_next_call_is_answered(talk: Any) -> None:
    async def asking(client: Any) -> None:
        assert "'job_id' is a required property" in await refused(client, "show")
        assert "is not of type 'string'" in await refused(client, "show", job_id={"$ne": None})
        assert "NoSuchJob" in await refused(client, "show", job_id="x\x00\n\x1b[2J' OR 1=1")
        assert len(await refused(client, "show", job_id="i" * 300_000)) < 1_000
        assert "was unexpected" in await refused(client, "show", job_id=FAILED, site="b.localhost")
        assert len(await refused(client, "show", job_id=["i" * 300_000])) < 1_000
        assert "nonsense" in await refused(client, "jobs", q="status:nonsense")
        for wrong in ({"page": 0}, {"size": 10**9}, {"size": "all"}, {"page": True}):
            assert "BadRequest" in await refused(client, "jobs", **wrong)
        assert "There is no tool" in await refused(client, "__class__")
        assert "Without --act" in await refused(client, "cancel", job_ids=[WAITING], reason="I would like to")
        assert (await asked(client, "show", job_id=WAITING))["status"] == "queued"

    talk(asking)


def test_with_a_flag_and_a_reason_it_acts_and_the_audit_trail_knows_who(talk: Any) -> None:
    async def asking(client: Any) -> None:
        assert "as helper (mcp of " in client.instructions
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert all("reason" in listed[tool.name].input_schema["required"] for tool in tools.ACTING)
        assert not listed["cancel"].annotations.read_only_hint
        assert "'reason' is a required property" in await refused(client, "cancel", job_ids=[WAITING])
        assert "reason" in await refused(client, "cancel", job_ids=[WAITING], reason=" \n")
        assert (await asked(client, "show", job_id=WAITING))["status"] == "queued"

        done = await asked(client, "cancel", job_ids=[WAITING, "a.localhost||none"], reason="asked for by mia")
        ended = [(each["ok"], each["state_after"]) for each in done["results"]]
        assert ended == [(True, "canceled"), (False, "missing")]
        assert (await asked(client, "retry", job_ids=[FAILED], reason="it is there now"))["results"][0]["ok"]
        entries = {entry["job_id"]: entry for entry in (await asked(client, "audit"))["entries"]}
        assert entries[WAITING]["actor"].startswith("helper (mcp of ")
        assert (entries[WAITING]["action"], entries[FAILED]["action"]) == ("cancel", "retry")
        assert entries[WAITING]["reason"] == "asked for by mia"

    talk(asking, "--act", "--as", "helper")


def test_a_long_answer_is_cut_and_says_where() -> None:
    rows = [{"id": f"job-{number}", "traceback": f"begins {'x' * 30} ends"} for number in range(5_000)]
    text = bounded.written({"total": 5_000, "jobs": rows, "note": "n" * 9_000}, 10_000)
    found = json.loads(text)
    assert len(text) <= 10_000
    assert found["total"] == 5_000
    assert found["left_out"]["jobs"] == 5_000 - len(found["jobs"])
    assert found["left_out"]["note"] >= 9_000 - len(found["note"])
    assert found["jobs"][0] == rows[0]
    assert bounded.written({"half": "\ud800"}).encode() == b'{"half":"\\ud800"}'
    with pytest.raises(BadRequest, match="ask for less"):
        bounded.written({f"key-{number}": number for number in range(5_000)}, 10_000)


def test_who_acts_is_named_and_the_sdk_is_asked_for_in_words(tmp_path: Path) -> None:
    for options in (("--act",), ("--act", "--as", " "), ("--act", "--as", "x\x1b[2J"), ("--as", "helper")):
        refusal = CliRunner().invoke(cli, ["--redis", "redis://127.0.0.1:1", "mcp", *options])
        assert refusal.exit_code == 2
        assert "--as" in refusal.output
    (tmp_path / "mcp").mkdir()
    (tmp_path / "mcp" / "__init__.py").write_text("raise ModuleNotFoundError('No module named mcp')")
    environment = clean_environment() | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    ended = subprocess.run([*COMMAND, "mcp"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "pip install 'mcp>=" in ended.stderr
