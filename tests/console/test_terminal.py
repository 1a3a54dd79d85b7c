"""Terminals, pipes and logs that are not UTF-8, and which server an answer is of."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from job_console.console.terminal import fit
from job_console.console.text import Paint, table

from ..jobs import WRAPPER, wrapped
from .conftest import COMMAND, ROOT, clean_environment


def test_what_cannot_be_written_is_escaped_and_our_own_signs_are_spelt() -> None:
    assert fit("a → b … ≈ 日", "latin-1") == r"a -> b ... ~ \u65e5"
    assert fit("é日", "latin-1") == "é\\u65e5"
    assert fit("日\udcff", "utf-8") == "日\\udcff"


def test_columns_stay_aligned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("job_console.console.text.layout.fit", lambda text: fit(text, "ascii"))
    rows = list(table(("method", "queue"), [("日本" * 40, "short"), ("b", "long")], Paint(colour=False)))
    assert len({row.index(queue) for row, queue in zip(rows, ("queue", "short", "long"), strict=True)}) == 1


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_every_reading_verb_prints_what_it_can(server: Any, redis: Any, lane: Any, encoding: str) -> None:
    kwargs = wrapped("shop.sync", customer="日本商事", site="s")
    lane.enqueue_call(WRAPPER, kwargs=kwargs, job_id="s||日本", timeout=60)
    for verb in (
        ["snapshot", "--quick"],
        ["jobs"],
        ["search", "日本"],
        ["show", "s||日本"],
        ["cancel", "s||日本"],
        ["show", "日"],
    ):
        done = subprocess.run(
            [*COMMAND, "--redis", server.url, *verb],
            cwd=ROOT,
            env=clean_environment(PYTHONIOENCODING=encoding, PYTHONUTF8="0"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        assert b"Traceback" not in done.stderr, done.stderr
        assert done.returncode == (4 if verb == ["show", "日"] else 0)


def test_every_document_says_which_server_and_bench(run: Any, server: Any, lane: Any, tmp_path: Path) -> None:
    sites = tmp_path / "sites"
    sites.mkdir()
    (sites / "common_site_config.json").write_text(json.dumps({"redis_queue": server.url, "bench_id": "mine"}))
    place = f"127.0.0.1:{server.port}/0"
    here = run("snapshot", "--quick", "--json", url=None, cwd=tmp_path)
    assert (here.json["server"], here.json["bench"]) == (place, "mine")
    (sites / "common_site_config.json").write_text(
        json.dumps({"redis_queue": "redis://127.0.0.1:1", "bench_id": "mine"})
    )
    there = run("resume", "--json", cwd=tmp_path)
    assert (there.json["server"], there.json["bench"], there.json["bench_server"]) == (place, None, "127.0.0.1:1/0")
    assert "This is not the Redis of the bench in this folder (mine)" in run("resume", cwd=tmp_path).err
