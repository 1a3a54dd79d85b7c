"""Which Redis to look at: asked for, configured, or that of the bench we stand in; and which bench that is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from job_console.engine.errors import BadRequest
from job_console.engine.messages import Message
from job_console.engine.redis import server
from job_console.engine.redis.link import without_password
from job_console.engine.redis.server import Server

VARIABLE = "JOB_CONSOLE_REDIS"
DEFAULT = "redis://127.0.0.1:6379"
#: Where a bench is, for Frappe, whatever the current folder.
BENCH_VARIABLE = "FRAPPE_BENCH_ROOT"


@dataclass(frozen=True, slots=True)
class InFolder:
    """The bench that a folder is in, and its Redis."""

    id: str
    path: Path
    server: Server
    source: str


@dataclass(frozen=True, slots=True)
class Address:
    server: Server
    #: Where it comes from, in words.
    source: str
    #: The bench whose Redis it is.
    of: InFolder | None = None
    #: The bench of the current folder, when this is the Redis of another one.
    not_of: InFolder | None = field(default=None)

    def __str__(self) -> str:
        return f"{self.server} ({self.source})"

    # A dataclass would print the password in a traceback.
    __repr__ = __str__

    @property
    def bench(self) -> Path | None:
        """The bench's folder."""
        return self.of.path if self.of else None

    def names(self) -> dict[str, str | None]:
        """Which server and bench, for every document."""
        names = {"server": str(self.server), "bench": self.of.id if self.of else None}
        return {**names, "bench_server": str(self.not_of.server) if self.not_of else None}

    def heading(self) -> str:
        bench = f", bench {self.of.id}" if self.of else ""
        return f"Redis {self.server}{bench}, from {self.source}."

    def warning(self) -> str | None:
        """For whoever acts."""
        if self.not_of is None:
            return None
        return f"This is not the Redis of the bench in this folder ({self.not_of.id}), which is {self.not_of.server}."

    def hide(self, text: str) -> str:
        """`text` without the passwords, also where they were not escaped as an URL wants it. A message stays one."""
        return text.mapped(self._hidden) if isinstance(text, Message) else self._hidden(text)

    def _hidden(self, text: str) -> str:
        for spelling in self.server.secrets:
            text = text.replace(spelling, "***")
        return without_password(text)


def resolve(asked: str | None, environment: Mapping[str, str], folder: Path) -> Address:
    """The first of: --redis, $JOB_CONSOLE_REDIS, the bench around `folder`, $FRAPPE_REDIS_QUEUE, the default."""
    url, source = (asked, "--redis") if asked else (environment.get(VARIABLE), f"${VARIABLE}")
    if not url:
        here = in_folder(environment, folder)
        if here:
            return Address(here.server, here.source, here)
        named = environment.get(server.URL_VARIABLE)
        return Address(Server(named), f"${server.URL_VARIABLE}") if named else Address(Server(DEFAULT), "default")
    named_server = Server(url)
    try:
        here = in_folder(environment, folder)
        same = here is not None and here.server.place == named_server.place
    except (BadRequest, ValueError):  # what was asked for counts, and says what is wrong with itself
        return Address(named_server, source)
    return Address(named_server, source, here if same else None, None if same else here)


def at_folder(folder: Path) -> Address:
    """The bench that `folder` is of. What this process' environment says of a Redis is of another one. Raises
    BadRequest when there is none."""
    if (folder / "sites" / "common_site_config.json").is_file():
        here = _read(folder / "sites" / "common_site_config.json", {})
        return Address(here.server, here.source, here)
    raise BadRequest(f"{folder} is no folder of a bench: it has no sites/common_site_config.json.")


def in_folder(environment: Mapping[str, str], folder: Path) -> InFolder | None:
    """The bench that `folder` is in, else that of $FRAPPE_BENCH_ROOT. None outside of a bench."""
    root = environment.get(BENCH_VARIABLE)
    for parent in (folder, *folder.parents, *([Path(root)] if root else [])):
        for config in (parent / "sites" / "common_site_config.json", parent / "common_site_config.json"):
            if config.is_file():
                return _read(config, environment)
    return None


def _read(config: Path, environment: Mapping[str, str]) -> InFolder:
    try:
        document: Any = json.loads(config.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadRequest(f"{config} cannot be read: {error}. Name the Redis with --redis.") from error
    settings: dict[str, Any] = document if isinstance(document, dict) else {}
    path = config.parent.resolve().parent
    bench_id = str(settings.get("bench_id") or _id_of(environment.get(BENCH_VARIABLE) or str(path)))
    by_sentinel = bool(settings.get("redis_queue_sentinel_enabled"))
    if environment.get(server.URL_VARIABLE) and not by_sentinel:
        source = f"${server.URL_VARIABLE}"
    elif settings.get("redis_queue") or by_sentinel:
        source = f"redis_queue of {config}"
    else:
        source = f"Frappe's default, as {config} names none"
    try:
        return InFolder(bench_id, path, server.of_bench(settings, environment, bench_id), source)
    except BadRequest as error:
        raise BadRequest(f"{config}: {error}") from error


def _id_of(path: str) -> str:
    """As Frappe makes it, and with it the names of the queues."""
    return path.strip("/").replace("/", "-")
