"""Which benches a fleet has: a TOML file that `serve --config FILE` and `fleet --config FILE` read.

    [[bench]]
    name = "acme"                                   # stands in addresses: /b/acme/
    url = "rediss://jobs:secret@redis.acme.example:6380/0"
    labels = { region = "eu", team = "billing" }

    [[bench]]
    name = "here"
    folder = "/home/frappe/frappe-bench"            # its Redis as Frappe finds it

    [[bench]]
    name = "globex"
    sentinels = ["10.0.0.1:26379", "10.0.0.2:26379"]
    service = "jobs"
    password = "secret"

`[defaults]` has what holds for all benches that say nothing else of `look_every_s`, `connect_timeout_s` and
`answer_timeout_s`.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from job_console.engine.errors import BadRequest
from job_console.engine.redis.link import ANSWER_TIMEOUT_S, CONNECT_TIMEOUT_S
from job_console.engine.redis.server import Login, Sentinels, Server

from ..address import Address, at_folder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: More threads and connections than this are not for one process.
BENCHES = 1_000
LOOK_EVERY_S = 5.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
#: In seconds: (default, least, most).
_TIMES = {
    "look_every_s": (LOOK_EVERY_S, 1.0, 3600.0),
    "connect_timeout_s": (CONNECT_TIMEOUT_S, 0.1, 60.0),
    "answer_timeout_s": (ANSWER_TIMEOUT_S, 0.1, 60.0),
}
_TEXTS = ("url", "folder", "service", "user", "password", "sentinel_user", "sentinel_password", "bench_id")
_PLACES = ("url", "folder", "sentinels")
_KNOWN = {"name", "labels", "sentinels", *_TEXTS, *_TIMES}


@dataclass(frozen=True, slots=True)
class Entry:
    """One bench of the file."""

    name: str
    address: Address
    labels: Mapping[str, str] = field(default_factory=dict)
    #: Its queues are these alone, on a server that several benches share: `BENCH_ID:short`.
    bench_id: str | None = None
    look_every_s: float = LOOK_EVERY_S
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    answer_timeout_s: float = ANSWER_TIMEOUT_S


def read(path: str) -> tuple[Entry, ...]:
    """The benches of this file, in its order. Raises BadRequest: one sentence that says where it is wrong."""
    document, others_may_read = _parsed(path)
    if foreign := sorted(document.keys() - {"bench", "defaults"}):
        raise BadRequest(f"{path}: {foreign[0]!r} is not known; [[bench]] and [defaults] are.")
    defaults, listed = document.get("defaults", {}), document.get("bench", [])
    if not isinstance(defaults, dict) or not isinstance(listed, list):
        raise BadRequest(f"{path}: benches are written [[bench]], what holds for all of them [defaults].")
    if foreign := sorted(defaults.keys() - _TIMES.keys()):
        raise BadRequest(f"{path}, [defaults]: {foreign[0]!r} is not known; {', '.join(_TIMES)} are.")
    times = _times(defaults, {name: value for name, (value, *_) in _TIMES.items()}, f"{path}, [defaults]")
    if not 1 <= len(listed) <= BENCHES:
        raise BadRequest(f"{path} names {len(listed):,} benches: [[bench]] stands before each of 1 to {BENCHES:,}.")
    entries = tuple(_entries(path, listed, times))
    if others_may_read and any(entry.address.server.secrets for entry in entries if not entry.address.of):
        raise BadRequest(f"Others can read the passwords in {path}: chmod 600 {path}")
    return entries


def _parsed(path: str) -> tuple[dict[str, Any], bool]:
    """(what it says, whether others than its owner can read it)."""
    try:
        with Path(path).open("rb") as file:
            open_to_others = bool(os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO))
            return tomllib.load(file), open_to_others
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadRequest(f"{path} is no TOML file: it is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        # Its own words may quote a line, and with it a password.
        line = re.search(r"line (\d+)", str(error))
        raise BadRequest(f"{path} is no TOML file{f': line {line[1]}' if line else ': its end is missing'}.") from None


def _entries(path: str, listed: list[Any], times: Mapping[str, float]) -> Iterator[Entry]:
    known: dict[str, int] = {}
    for number, given in enumerate(listed, 1):
        name = given.get("name") if isinstance(given, dict) else None
        where = f"{path}, bench {number}" + (f" ({name})" if isinstance(name, str) else "")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise BadRequest(f"{where}: it needs a name of letters, digits, dots and dashes, 60 at most.")
        if name.lower() in known:
            raise BadRequest(f"{where}: bench {known[name.lower()]} has that name already.")
        known[name.lower()] = number
        yield _entry(name, given, times, where)


def _entry(name: str, given: Mapping[str, Any], times: Mapping[str, float], where: str) -> Entry:
    if foreign := sorted(given.keys() - _KNOWN):
        raise BadRequest(f"{where}: {foreign[0]!r} is not known; {', '.join(sorted(_KNOWN))} are.")
    for text in _TEXTS:
        if text in given and (not isinstance(given[text], str) or not given[text]):
            raise BadRequest(f"{where}: {text} must be a text.")
    try:
        address = _address(given)
        address.server.connect().close()  # opens no connection: says whether the URL is one
    except BadRequest as error:
        raise BadRequest(f"{where}: {error}") from None
    return Entry(name, address, _labels(given, where), given.get("bench_id"), **_times(given, times, where))


def _address(given: Mapping[str, Any]) -> Address:
    """Where its queues are. Raises BadRequest."""
    named = [place for place in _PLACES if place in given]
    if len(named) != 1:
        raise BadRequest("one of url, folder and sentinels says where it is.")
    login = Login(given.get("user"), given.get("password"))
    of_sentinels = {"service", "sentinel_user", "sentinel_password"} & given.keys()
    if named == ["sentinels"]:
        return Address(Server("", login, _sentinels(given)), "sentinels")
    if of_sentinels:
        raise BadRequest(f"{sorted(of_sentinels)[0]} goes with sentinels only.")
    if named == ["url"]:
        return Address(Server(given["url"], login), "url")
    if login.options():
        raise BadRequest("the bench's folder says user and password itself.")
    return at_folder(Path(given["folder"]).expanduser())


def _sentinels(given: Mapping[str, Any]) -> Sentinels:
    nodes = given["sentinels"]
    found = [re.fullmatch(r"(.+):(\d{1,5})", node) if isinstance(node, str) else None for node in _list(nodes)]
    if not found or not all(found):
        raise BadRequest('sentinels is a list of "HOST:PORT".')
    if "service" not in given:
        raise BadRequest("service says how Sentinels call its server.")
    login = Login(given.get("sentinel_user"), given.get("sentinel_password"))
    return Sentinels(tuple((node[1], int(node[2])) for node in found if node), given["service"], login)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _labels(given: Mapping[str, Any], where: str) -> dict[str, str]:
    labels = given.get("labels", {})
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise BadRequest(f'{where}: labels are texts by name: labels = {{ region = "eu" }}.')
    return labels


def _times(given: Mapping[str, Any], defaults: Mapping[str, float], where: str) -> dict[str, float]:
    found = dict(defaults)
    for name, (_default, least, most) in _TIMES.items():
        value = given.get(name, found[name])
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise BadRequest(f"{where}: {name} is a number of seconds from {least:g} to {most:g}.")
        found[name] = float(value)
    return found


def engine_options(entry: Entry) -> dict[str, Any]:
    """What redis-py is told of this bench's time limits."""
    return {"socket_connect_timeout": entry.connect_timeout_s, "socket_timeout": entry.answer_timeout_s}
