from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from job_console.console.address import Address, resolve
from job_console.engine.errors import BadRequest
from job_console.engine.redis.server import Login, Server


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
    assert (asked.server.url, asked.source) == ("redis://asked", "--redis")


def test_the_environment_comes_before_the_bench(bench: Path) -> None:
    assert resolve(None, {"JOB_CONSOLE_REDIS": "redis://environment"}, bench).server.url == "redis://environment"


@pytest.mark.parametrize("folder", [".", "sites", "sites/a.localhost", "apps/shop/shop"])
def test_the_bench_is_found_from_anywhere_inside(bench: Path, folder: str) -> None:
    assert resolve(None, {}, bench / folder).server.url == "redis://127.0.0.1:11000"


def test_outside_of_a_bench_the_default(tmp_path: Path) -> None:
    assert resolve(None, {}, tmp_path).server.url == "redis://127.0.0.1:6379"


def test_the_login_that_frappe_keeps_next_to_the_url(bench: Path) -> None:
    configure(bench, redis_queue="redis://127.0.0.1:11000", use_rq_auth=1, rq_username="queue", rq_password="p/w@rd")
    found = resolve(None, {}, bench).server
    assert found.login == Login("queue", "p/w@rd")
    assert found.connect().connection_pool.connection_kwargs["password"] == "p/w@rd"
    assert str(found) == "queue@127.0.0.1:11000/0"


def test_a_broken_configuration_is_named(bench: Path) -> None:
    (bench / "sites" / "common_site_config.json").write_text("{")
    with pytest.raises(BadRequest, match=r"common_site_config\.json cannot be read"):
        resolve(None, {}, bench)


@pytest.mark.parametrize("password", ["sesame", "with/slash", "with@at", "with:colon"])
def test_no_password_is_ever_shown(password: str) -> None:
    address = Address(Server(f"redis://user:{password}@127.0.0.1:1"), "--redis")
    for shown in (str(address), repr(address), f"{address}"):
        assert password not in shown
        assert "127.0.0.1" in shown


def test_without_a_user_name_it_is_the_bench_id(bench: Path) -> None:
    configure(bench, redis_queue="redis://h:1", use_rq_auth=1, rq_password="secret")
    assert resolve(None, {}, bench).server.login == Login(str(bench).strip("/").replace("/", "-"), "secret")
    configure(bench, redis_queue="redis://h:1", use_rq_auth=1, rq_password="secret", bench_id="mine")
    assert resolve(None, {}, bench).server.login == Login("mine", "secret")


def test_the_login_in_the_url_comes_first(bench: Path) -> None:
    configure(bench, redis_queue="redis://a:b@h:1", use_rq_auth=1, rq_username="queue", rq_password="other")
    options = resolve(None, {}, bench).server.connect().connection_pool.connection_kwargs
    assert (options["username"], options["password"]) == ("a", "b")


def test_frappes_variable_comes_before_the_file(bench: Path) -> None:
    found = resolve(None, {"FRAPPE_REDIS_QUEUE": "redis://elsewhere:1"}, bench)
    assert (found.server.url, found.source, found.bench) == ("redis://elsewhere:1", "$FRAPPE_REDIS_QUEUE", bench)
    configure(bench)
    assert resolve(None, {}, bench).server.url == "redis://127.0.0.1:11311"


def test_the_administrators_password(bench: Path) -> None:
    assert resolve(None, {"RQ_ADMIN_PASWORD": "root"}, bench).server.login == Login("default", "root")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://localhost", "127.0.0.1:6379/0"),
        ("rediss://u:p@cache.example:6380/2", "u@cache.example:6380/2"),
        ("redis://h:1?db=3", "h:1/3"),
        ("unix:///run/redis/q.sock?db=1", "/run/redis/q.sock/1"),
        ("redis://[::1]:7", "127.0.0.1:7/0"),
    ],
)
def test_the_name_of_a_server(url: str, place: str) -> None:
    assert str(Server(url)) == place
    Server(url).connect()


def test_sentinels(bench: Path) -> None:
    configure(
        bench,
        redis_queue_sentinel_enabled=1,
        redis_queue_sentinels=["s1:26379", "s2:26380"],
        redis_queue_master_service="queue",
        redis_queue_master_password="of-master",
        redis_queue_sentinel_password="of-sentinel",
    )
    found = resolve(None, {}, bench)
    assert str(found.server) == "queue (Sentinel s1:26379, s2:26380)"
    assert found.server.login == Login(None, "of-master")
    assert found.hide("of-master of-sentinel") == "*** ***"
    configure(bench, redis_queue_sentinel_enabled=1)
    with pytest.raises(BadRequest, match="names none"):
        resolve(None, {}, bench)


def test_whether_it_is_the_redis_of_the_bench_here(bench: Path) -> None:
    same = resolve("redis://localhost:11000", {}, bench)
    assert (same.bench, same.warning()) == (bench, None)
    other = resolve("redis://127.0.0.1:6379", {}, bench)
    assert other.bench is None
    assert other.names()["bench_server"] == "127.0.0.1:11000/0"
    assert "not the Redis of the bench in this folder" in (other.warning() or "")
