"""How the reader of a host is started: with what reaches the same Redis, and leaving nothing behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py
from redis.sentinel import Sentinel

from job_console.engine.redis import same_server
from job_console.engine.stacks import serving
from tests.support.waiting import wait_until


def test_a_reader_that_went_is_buried_before_the_next_one_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(serving, "_started", started)
    nowhere = redis_py.Redis(port=1)
    try:
        serving.start(nowhere)
        (first,) = started
        stat = Path(f"/proc/{first.pid}/stat")
        wait_until(lambda: ") Z " in stat.read_text(), message="it goes")
        serving.start(nowhere)
        assert not stat.exists()
        assert first not in started
    finally:
        for child in started:
            child.kill()
            child.wait()


@pytest.mark.parametrize(
    ("url", "options", "tls"),
    [
        ("redis://sam:x@h:1/2", {"host": "h", "port": 1, "db": 2, "username": "sam", "password": "x"}, False),
        ("unix:///run/r.sock?db=1", {"path": "/run/r.sock", "db": 1}, False),
        (
            "rediss://h:1?ssl_cert_reqs=none&ssl_ca_certs=/x&ssl_ca_path=/y",
            {"host": "h", "port": 1, "ssl_cert_reqs": "none", "ssl_ca_certs": "/x", "ssl_ca_path": "/y"},
            True,
        ),
    ],
)
def test_it_reaches_the_same_redis(url: str, options: dict[str, Any], tls: bool) -> None:
    found = same_server.describe(redis_py.Redis.from_url(url))
    assert {name: value for name, value in found["options"].items() if value is not None} == options
    assert found["tls"] is tls


def test_checks_of_certificates_that_are_off_stay_off() -> None:
    pool = redis_py.ConnectionPool(
        connection_class=redis_py.SSLConnection, host="h", port=1, ssl_cert_reqs=None, ssl_check_hostname=False
    )
    options = same_server.describe(redis_py.Redis(connection_pool=pool))["options"]
    assert (options["ssl_cert_reqs"], options["ssl_check_hostname"]) == (None, False)


def test_sentinels_are_asked_by_whoever_knows_of_them() -> None:
    """What each of the two has of its own: where the Sentinels are and their login, and the login of the server."""
    by_name = Sentinel(
        [("s1", 1), ("s2", 2)], sentinel_kwargs={"password": "of-sentinel"}, password="of-master", ssl=True
    )
    said = json.loads(json.dumps(same_server.describe(by_name.master_for("queue"))))
    found = same_server.reach(said, socket_timeout=7.0)
    pool = found.connection_pool
    assert pool.service_name == "queue"
    assert (pool.connection_kwargs["password"], pool.connection_kwargs["socket_timeout"]) == ("of-master", 7.0)
    assert "SSL" in pool.connection_class.__name__
    nodes = [each.connection_pool.connection_kwargs for each in pool.sentinel_manager.sentinels]
    assert [(node["host"], node["port"], node["password"]) for node in nodes] == [
        ("s1", 1, "of-sentinel"),
        ("s2", 2, "of-sentinel"),
    ]
