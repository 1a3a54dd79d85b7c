from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from job_console.console.address import Address, resolve
from job_console.engine.errors import BadRequest


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    (tmp_path / "sites" / "a.localhost").mkdir(parents=True)
    (tmp_path / "apps" / "shop" / "shop").mkdir(parents=True)
    configure(tmp_path, redis_queue="redis://127.0.0.1:11000")
    return tmp_path


def configure(bench: Path, **settings: Any) -> None:
    (bench / "sites" / "common_site_config.json").write_text(json.dumps(settings))


def test_what_is_asked_for_wins(bench: Path) -> None:
    asked = resolve("redis://asked", {"JOB_CONSOLE_REDIS": "redis://environment"}, bench)
    assert (asked.url, asked.source) == ("redis://asked", "--redis")


def test_the_environment_comes_before_the_bench(bench: Path) -> None:
    assert resolve(None, {"JOB_CONSOLE_REDIS": "redis://environment"}, bench).url == "redis://environment"


@pytest.mark.parametrize("folder", [".", "sites", "sites/a.localhost", "apps/shop/shop"])
def test_the_bench_is_found_from_anywhere_inside(bench: Path, folder: str) -> None:
    assert resolve(None, {}, bench / folder).url == "redis://127.0.0.1:11000"


def test_outside_of_a_bench_the_default(tmp_path: Path) -> None:
    assert resolve(None, {}, tmp_path).url == "redis://127.0.0.1:6379"


def test_the_login_that_frappe_keeps_beside_the_url(bench: Path) -> None:
    configure(bench, redis_queue="redis://127.0.0.1:11000", use_rq_auth=1, rq_username="queue", rq_password="p/w@rd")
    assert resolve(None, {}, bench).url == "redis://queue:p%2Fw%40rd@127.0.0.1:11000"


def test_a_broken_configuration_is_named(bench: Path) -> None:
    (bench / "sites" / "common_site_config.json").write_text("{")
    with pytest.raises(BadRequest, match=r"common_site_config\.json cannot be read"):
        resolve(None, {}, bench)


@pytest.mark.parametrize("password", ["sesame", "with/slash", "with@at", "with:colon"])
def test_no_password_is_ever_shown(password: str) -> None:
    address = Address(f"redis://user:{password}@127.0.0.1:1", "--redis")
    for shown in (str(address), repr(address), f"{address}"):
        assert password not in shown
        assert "127.0.0.1" in shown
