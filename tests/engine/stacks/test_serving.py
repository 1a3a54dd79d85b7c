"""How the reader of a host is started: with what reaches the same Redis, and leaving nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import redis as redis_py

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
    found = serving._address(redis_py.Redis.from_url(url))
    assert {name: value for name, value in found["options"].items() if value is not None} == options
    assert found["tls"] is tls


def test_checks_of_certificates_that_are_off_stay_off() -> None:
    pool = redis_py.ConnectionPool(
        connection_class=redis_py.SSLConnection, host="h", port=1, ssl_cert_reqs=None, ssl_check_hostname=False
    )
    options = serving._address(redis_py.Redis(connection_pool=pool))["options"]
    assert (options["ssl_cert_reqs"], options["ssl_check_hostname"]) == (None, False)
