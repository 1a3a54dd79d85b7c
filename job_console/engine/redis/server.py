"""Which Redis a bench uses, by Frappe's own rules, and its name for people.

As of Frappe 15 to 17 (`get_site_config`, `get_redis_conn`, `RedisQueue.get_connection`):

- the URL is $FRAPPE_REDIS_QUEUE, else `redis_queue`, else port 11311 of this host;
- with `use_rq_auth` the user is `rq_username`, else the bench's id, and the password `rq_password`; without it
  $RQ_ADMIN_PASWORD (spelt so) is the password of the user `default`; what the URL says of either comes first;
- with `redis_queue_sentinel_enabled` the URL does not count: Sentinels name the server, and
  `redis_queue_master_username` and `…_password` come before the login above;
- workers start without a site, so what one site's configuration says does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from redis.sentinel import Sentinel

from ..errors import BadRequest
from ..messages import _
from .link import Redis, connect, connection_options

URL_VARIABLE = "FRAPPE_REDIS_QUEUE"
ADMIN_VARIABLE = "RQ_ADMIN_PASWORD"
DEFAULT_URL = "redis://127.0.0.1:11311"
_SAME_HOST = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Login:
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def options(self) -> dict[str, str]:
        """For redis-py, which lets a URL's own login count first."""
        credentials = {"username": self.user, "password": self.password}
        return {name: value for name, value in credentials.items() if value}


@dataclass(frozen=True, slots=True)
class Sentinels:
    nodes: tuple[tuple[str, int], ...]
    service: str
    login: Login = field(default_factory=Login)


@dataclass(frozen=True, slots=True)
class Server:
    #: Counts for nothing where Sentinels name the server. May hold a password: show `str` of this instead.
    url: str = field(repr=False)
    login: Login = field(default_factory=Login)
    sentinels: Sentinels | None = None

    def connect(self, **options: Any) -> Redis:
        """Connects when first used; `options`: redis-py's, in place of `connection_options`. Raises BadRequest when the
        URL cannot be understood."""
        if self.sentinels is None:
            return connect(self.url, **{**self.login.options(), **options})
        asked, options = self.sentinels, {**connection_options(), **options}
        by_name: Any = Sentinel  # typed loosely, as all of redis-py's
        sentinel = by_name(
            asked.nodes,
            sentinel_kwargs={**options, **asked.login.options()},
            **{**options, **self.login.options()},
        )
        found: Redis = sentinel.master_for(asked.service)
        return found

    @property
    def secrets(self) -> tuple[str, ...]:
        """The passwords, as they may be spelt in what others say."""
        in_url = _login_of(self.url)[1] or ""
        logins = [self.login, *([self.sentinels.login] if self.sentinels else [])]
        spelt = {in_url, unquote(in_url), *(login.password or "" for login in logins)}
        return tuple(sorted(spelt - {""}, key=len, reverse=True))

    @property
    def place(self) -> str:
        """Host, port and database; the same for two spellings of one place."""
        if self.sentinels is not None:
            nodes = ", ".join(f"{host}:{port}" for host, port in self.sentinels.nodes)
            return f"{self.sentinels.service} (Sentinel {nodes})"
        scheme, mark, rest = self.url.partition("://")
        try:
            parts = urlsplit(scheme + mark + rest.rpartition("@")[2])
        except ValueError:  # no URL; `connect` says so
            return "?"
        asked = parse_qs(parts.query)
        path, number = unquote(parts.path), asked.get("db", [""])[0]
        if parts.scheme == "unix":
            return f"{path}/{number or 0}"
        host, port = _host_and_port(parts.netloc)
        return f"{host}:{port}/{number or path.strip('/') or 0}"

    def __str__(self) -> str:
        user = unquote(_login_of(self.url)[0] or "") if self.sentinels is None else ""
        user = user or self.login.user or ""
        return f"{user}@{self.place}" if user else self.place


def of_bench(settings: Mapping[str, Any], environment: Mapping[str, str], bench_id: str) -> Server:
    """`settings`: what `common_site_config.json` says. Raises BadRequest for Sentinels that are none."""
    url = environment.get(URL_VARIABLE) or settings.get("redis_queue") or DEFAULT_URL
    login = Login()
    if settings.get("use_rq_auth"):
        login = Login(_word(settings.get("rq_username")) or bench_id, _word(settings.get("rq_password")))
    elif environment.get(ADMIN_VARIABLE):
        login = Login("default", environment[ADMIN_VARIABLE])
    if not settings.get("redis_queue_sentinel_enabled"):
        return Server(str(url), login)
    user = _word(settings.get("redis_queue_master_username", login.user))
    password = _word(settings.get("redis_queue_master_password", login.password))
    credentials = [_word(settings.get(f"redis_queue_sentinel_{name}")) for name in ("username", "password")]
    sentinels = Sentinels(
        nodes=_nodes(settings.get("redis_queue_sentinels") or ()),
        service=_word(settings.get("redis_queue_master_service")) or "",
        login=Login(*credentials),
    )
    return Server(str(url), Login(user, password), sentinels)


def _nodes(addresses: Sequence[Any]) -> tuple[tuple[str, int], ...]:
    nodes = []
    for node in addresses:
        host, colon, port = str(node).rpartition(":")
        if not (colon and port.isdecimal()):
            raise BadRequest(_("redis_queue_sentinels is no list of HOST:PORT."))
        nodes.append((host, int(port)))
    if not nodes:
        raise BadRequest(_("Redis is to be found by Sentinels, but redis_queue_sentinels names none."))
    return tuple(nodes)


def _word(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _login_of(url: str) -> tuple[str | None, str | None]:
    """(user, password) as the URL spells them, also where characters that it wants escaped are not."""
    login, mark, _host = url.partition("://")[2].rpartition("@")
    user, colon, password = login.partition(":")
    return (user or None, password if colon else None) if mark else (None, None)


def _host_and_port(netloc: str) -> tuple[str, str]:
    place = netloc.rpartition("@")[2]
    host, _colon, port = place.rpartition(":") if not place.endswith("]") and ":" in place else (place, "", "")
    host = host.strip("[]").lower() or "127.0.0.1"
    return ("127.0.0.1" if host in _SAME_HOST else host), port or "6379"
