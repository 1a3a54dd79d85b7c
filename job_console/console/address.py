"""Which Redis to look at: asked for, configured, or that of the bench we stand in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from job_console.engine.errors import BadRequest
from job_console.engine.link import without_password

VARIABLE = "JOB_CONSOLE_REDIS"
DEFAULT = "redis://127.0.0.1:6379"


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    #: Where it comes from, in words.
    source: str
    #: The folder of the bench whose Redis it is.
    bench: Path | None = None

    def __str__(self) -> str:
        return f"{self.hide(self.url)} ({self.source})"

    # A dataclass would print the password in a traceback.
    __repr__ = __str__

    def hide(self, text: str) -> str:
        """`text` without the password, also where that was not escaped as an URL wants it."""
        login, mark, _host = self.url.partition("://")[2].rpartition("@")
        secret = login.partition(":")[2] if mark else ""
        for spelling in {secret, unquote(secret)} - {""}:
            text = text.replace(spelling, "***")
        return without_password(text)


def resolve(asked: str | None, environment: Mapping[str, str], folder: Path) -> Address:
    """The first of: --redis, $JOB_CONSOLE_REDIS, redis_queue of the bench around `folder`, the default."""
    if asked:
        return Address(asked, "--redis")
    if environment.get(VARIABLE):
        return Address(environment[VARIABLE], f"${VARIABLE}")
    return of_bench(folder) or Address(DEFAULT, "default")


def of_bench(folder: Path) -> Address | None:
    """The queue Redis of the bench that `folder` is in, or None outside of a bench."""
    for parent in (folder, *folder.parents):
        for config in (parent / "sites" / "common_site_config.json", parent / "common_site_config.json"):
            if config.is_file():
                return _read(config)
    return None


def _read(config: Path) -> Address | None:
    try:
        settings = json.loads(config.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadRequest(f"{config} cannot be read: {error}. Name the Redis with --redis.") from error
    url = settings.get("redis_queue") if isinstance(settings, dict) else None
    if not isinstance(url, str) or not url:
        return None
    sites = config.parent.resolve()
    return Address(_with_login(url, settings), f"redis_queue of {config}", sites.parent)


def _with_login(url: str, settings: Mapping[str, Any]) -> str:
    """Frappe keeps the login of its queue user beside the URL (`use_rq_auth`)."""
    user, password = settings.get("rq_username"), settings.get("rq_password")
    scheme, mark, rest = url.partition("://")
    if not (settings.get("use_rq_auth") and password and mark) or urlsplit(url).password:
        return url
    return f"{scheme}://{quote(user or '', safe='')}:{quote(str(password), safe='')}@{rest.rpartition('@')[2]}"
