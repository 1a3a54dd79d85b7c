"""Debian's redis-server, for what the embedded one lacks: TLS, Unix sockets as a bench has them, Sentinels."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py
from redis.exceptions import RedisError

from job_console.console.embedded import end, free_port
from job_console.engine.redis.link import PLAIN_PROTOCOL

from .waiting import wait_until

MASTER, SENTINEL, SERVICE = "of-the-master", "of-the-sentinel", "queue"


def binary(name: str = "redis-server") -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"There is no {name} on this machine: apt-get install redis-server openssl.")
    return path


@contextlib.contextmanager
def running(
    folder: Path, lines: Sequence[str], *, sentinel: bool = False, **reached: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """One with these settings that answers to redis-py's `reached`, and ends with the test."""
    program = binary()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "server.conf"
    settings.write_text("\n".join([f"dir {folder}", *lines]) + "\n")
    tied = [sys.executable, "-m", "job_console.console.die_with_parent"]
    command = [*tied, program, str(settings), *(["--sentinel"] if sentinel else [])]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        with contextlib.closing(redis_py.Redis(**reached, **PLAIN_PROTOCOL)) as client:
            wait_until(lambda: _answers(client), 30, f"see {folder}/server.log")
        yield process
    finally:
        end(process)


def _answers(client: redis_py.Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


@dataclass(frozen=True)
class Tls:
    port: int
    ca: Path

    @property
    def url(self) -> str:
        return f"rediss://127.0.0.1:{self.port}?ssl_ca_certs={self.ca}"


@contextlib.contextmanager
def tls_server(folder: Path) -> Iterator[Tls]:
    """It has a certificate of an authority that nobody knows, and no other port."""
    openssl = binary("openssl")
    made = folder / "tls"
    made.mkdir(parents=True)

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=made, check=True, capture_output=True)

    new_key = ("-newkey", "rsa:2048", "-nodes")
    run("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ours")
    run("req", *new_key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=redis")
    (made / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    run("x509", "-req", "-in", "server.csr", "-out", "server.pem", *signed)
    port, files = free_port(), {"cert": "server.pem", "key": "server.key", "ca-cert": "ca.pem"}
    lines = ["port 0", f"tls-port {port}", "tls-auth-clients no", "bind 127.0.0.1", 'save ""']
    lines += [f"tls-{what}-file {made / name}" for what, name in files.items()]
    with running(folder, lines, port=port, ssl=True, ssl_ca_certs=str(made / "ca.pem")):
        yield Tls(port, made / "ca.pem")


@dataclass(frozen=True)
class Guarded:
    """A primary and its replica, and three Sentinels that look after them."""

    primary: subprocess.Popen[bytes]
    ports: tuple[int, int]
    sentinels: tuple[int, ...]

    def settings(self) -> dict[str, Any]:
        """As a bench's common_site_config.json has them."""
        return {
            "redis_queue": "redis://127.0.0.1:1",
            "redis_queue_sentinel_enabled": 1,
            "redis_queue_sentinels": [f"127.0.0.1:{port}" for port in self.sentinels],
            "redis_queue_master_service": SERVICE,
            "redis_queue_master_password": MASTER,
            "redis_queue_sentinel_password": SENTINEL,
        }


@contextlib.contextmanager
def guarded(folder: Path) -> Iterator[Guarded]:
    primary, replica, *watch = (free_port() for _ in range(5))
    login = [f"requirepass {MASTER}", f"masterauth {MASTER}", "bind 127.0.0.1", 'save ""', "repl-diskless-sync-delay 0"]
    with contextlib.ExitStack() as stack:

        def start(name: str, port: int, *lines: str, password: str = MASTER, **more: Any) -> subprocess.Popen[bytes]:
            own = [f"port {port}", *lines]
            return stack.enter_context(running(folder / name, own, port=port, password=password, **more))

        process = start("primary", primary, *login)
        start("replica", replica, *login, f"replicaof 127.0.0.1 {primary}")
        for number, port in enumerate(watch):
            start(f"sentinel-{number}", port, *_sentinel(primary), password=SENTINEL, sentinel=True)
        made = Guarded(process, (primary, replica), tuple(watch))
        for port in watch:
            with contextlib.closing(redis_py.Redis(port=port, password=SENTINEL, **PLAIN_PROTOCOL)) as client:
                wait_until(lambda client=client: _ready(client), 60, "the Sentinels know all of them")
        yield made


def _sentinel(primary: int) -> list[str]:
    return [
        "bind 127.0.0.1",
        f"requirepass {SENTINEL}",
        f"sentinel sentinel-pass {SENTINEL}",
        f"sentinel monitor {SERVICE} 127.0.0.1 {primary} 2",
        f"sentinel auth-pass {SERVICE} {MASTER}",
        f"sentinel down-after-milliseconds {SERVICE} 1000",
        f"sentinel failover-timeout {SERVICE} 5000",
    ]


def _ready(sentinel: redis_py.Redis) -> bool:
    known: Any = sentinel.sentinel_master(SERVICE)
    return known["num-slaves"] == 1 and known["num-other-sentinels"] == 2
