"""The edge to Redis: connect, translate errors, run scripts. Nothing else in the engine catches redis errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterCrossSlotError,
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from ..errors import BadRequest, RedisUnavailable
from ..messages import _

#: Read as plain files: a horse reads some in each job, and `importlib.resources` takes it milliseconds to load.
_SCRIPTS = Path(__file__).with_name("lua")
Redis = redis.Redis
#: Scripts that begin with others' steps, whoever runs them.
_BEHIND = {"claim_key": ("place_in",)}
#: redis-py 8 begins with HELLO, which came with Redis 6; before redis-py 5 there was no choice.
PLAIN_PROTOCOL: dict[str, Any] = {"protocol": 2} if int(redis.__version__.partition(".")[0]) >= 5 else {}
#: redis-py tells of a full server by a class of its own from version 5 on.
_NO_WRITES = (ReadOnlyError, getattr(redis.exceptions, "OutOfMemoryError", ReadOnlyError))
#: redis-py's pipelines are typed loosely and differently in each version that a bench may hold.
Pipeline = Any
T = TypeVar("T")

#: A console that waits longer than this for Redis had better say that Redis does not answer.
CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 5.0
#: Old servers are asked so often for what comes within the last second of a wait.
_POLL_S = 0.02


def connect(url: str, **options: Any) -> Redis:
    """A connection pool for `url` (redis://, rediss://, unix://). Connects when first used.

    Raises BadRequest when the URL cannot be understood; its password is in no message.
    """
    try:
        from_url: Callable[..., Redis] = redis.Redis.from_url
        return from_url(url, **{**connection_options(), **options})
    except ValueError:
        # The parser's own words may quote a piece of a password that it took for a host or a port.
        raise BadRequest(
            _(
                "{url!r} is not a Redis URL. It looks like "
                "redis://USER:PASSWORD@HOST:PORT/DB, with odd characters of the password percent-encoded."
            ).format(url=without_password(url))
        ) from None


def connection_options() -> dict[str, Any]:
    return {
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "socket_timeout": ANSWER_TIMEOUT_S,
        # Once more after a restart of the server closed our connection; not after a silence, and without a pause.
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        **PLAIN_PROTOCOL,
    }


def without_password(text: str) -> str:
    """`text` with the password of any URL in it replaced by ***."""
    # To the last @ of the word: a password may hold an unescaped @ or /.
    return re.sub(r"\b(\w+://[^:@/\s]*):\S*@", r"\1:***@", text)


@contextmanager
def reaching_redis() -> Iterator[None]:
    """Translate what redis-py raises into the engine's errors."""
    try:
        yield
    except RedisError as error:
        raise unreachable(error) from error


def unreachable(error: RedisError) -> RedisUnavailable:
    """What redis-py raised, in the engine's words; for those who cannot afford `reaching_redis` (3 µs)."""
    match error:
        case AuthenticationError():
            return RedisUnavailable(_("Redis wants a password, or another one: {error}").format(error=_plain(error)))
        case NoPermissionError():
            return RedisUnavailable(
                _("Redis does not allow this user what we need: {error}").format(error=_plain(error))
            )
        case RedisTimeoutError():
            return RedisUnavailable(_("Redis does not answer: {error}").format(error=_plain(error)))
        case BusyLoadingError():
            return RedisUnavailable(
                _("Redis has just started and loads its data from disk. Nothing is lost; it answers when that is done.")
            )
        case RedisConnectionError():
            return RedisUnavailable(_("Redis cannot be reached: {error}").format(error=_plain(error)))
        case ResponseError() if str(error).startswith("NOAUTH"):
            return RedisUnavailable(_("Redis wants a password."))
        case MasterDownError():
            return RedisUnavailable(
                _("This Redis is a replica that has lost its master, and does not answer until it has one.")
            )
        case AskError() | ClusterCrossSlotError() | ClusterDownError():  # MovedError is an AskError
            return RedisUnavailable(
                _("This Redis is a part of a cluster, where RQ cannot work: {error}").format(error=_plain(error))
            )
        case ResponseError() if _plain(error).startswith("CROSSSLOT"):  # older redis-py has no type for it
            return RedisUnavailable(
                _("This Redis is a part of a cluster, where RQ cannot work: {error}").format(error=_plain(error))
            )
        case ResponseError() if _plain(error).startswith("BUSY "):
            return RedisUnavailable(
                _(
                    "Redis runs somebody's script and answers nobody else until that ends. SCRIPT KILL ends it, unless "
                    "it has written something."
                )
            )
        case ResponseError():
            return RedisUnavailable(_("Redis refused a command: {error}").format(error=_plain(error)))
    return RedisUnavailable(_("Redis failed: {error}").format(error=_plain(error)))


def wrong_type(answer: object) -> bool:
    """In a pipeline that raises nothing: that key is of another type than its name says."""
    return isinstance(answer, ResponseError) and str(answer).startswith("WRONGTYPE")


def refuses_writes(answer: object) -> bool:
    """In a pipeline that raises nothing: the server takes no writes now (full, cannot save, a replica), or none of ours
    from this user."""
    if isinstance(answer, _NO_WRITES) or denied(answer):
        return True
    return isinstance(answer, ResponseError) and str(answer).startswith(("OOM", "MISCONF", "NOREPLICAS"))


def answers(pipeline: Pipeline, commands: int) -> list[Any]:
    """What each command answered, errors among them; when the connection broke, that error for each."""
    try:
        return list(pipeline.execute(raise_on_error=False))
    except RedisError as error:
        return [error] * commands


def refused(answer: object) -> bool:
    """The server itself refused: nothing was done."""
    return isinstance(answer, ResponseError) or refuses_writes(answer)


def said(error: Exception) -> str:
    """An error among the answers, in the engine's words."""
    return str(unreachable(error)) if isinstance(error, RedisError) else str(error)


def raise_first(answers: Iterable[object], unless: Callable[[object], bool] = lambda _answer: False) -> None:
    """The first error of a pipeline that raised nothing, unless it is expected."""
    for answer in answers:
        if isinstance(answer, Exception) and not unless(answer):
            raise answer


def _plain(error: Exception) -> str:
    # redis-py quotes the command, which may be a whole script.
    said = re.sub(r"^Command # \d+ \(.*\) of pipeline caused error: ", "", str(error), flags=re.DOTALL)
    return without_password(said).rstrip(".") + "."


def denied(answer: object) -> bool:
    """In a pipeline that raises nothing: this user of Redis may not use that key or command (ACL)."""
    if isinstance(answer, NoPermissionError):
        return True
    # Of a script, redis-py knows no class of its own.
    return isinstance(answer, ResponseError) and any(word in str(answer) for word in ("NOPERM", "ACL failure"))


def if_allowed(read: Callable[[], T]) -> T | None:
    """What `read` returns; None where this user of Redis may not read that. For what a look can be without."""
    try:
        return read()
    except ResponseError as error:
        if not denied(error):
            raise
        return None


def first_within(redis: Redis, key: str, seconds: float) -> bytes | None:
    """The first of a list, taken; waits for it so long. Before Redis 6.0 a server waits for whole seconds only."""
    popped: Any
    try:
        popped = redis.blpop([key], timeout=seconds)
        return bytes(popped[1]) if popped else None
    except ResponseError as error:
        if "timeout is not an integer" not in str(error):
            raise
    whole, deadline = int(seconds), monotonic() + seconds
    if whole:
        popped = redis.blpop([key], timeout=whole)
        if popped:
            return bytes(popped[1])
    first: Any
    while True:
        first, left = redis.lpop(key), deadline - monotonic()
        if first is not None:
            return bytes(first)
        if left <= 0:
            return None
        sleep(min(left, _POLL_S))


def if_written(write: Callable[[], T]) -> T | None:
    """What `write` returns; None where the server takes no writes now. For what a look only remembers."""
    try:
        return write()
    except ResponseError as error:
        if not refuses_writes(error):
            raise
        return None


def pipelined(redis: Redis) -> Pipeline:
    """A pipeline without MULTI: one round trip, other clients' commands may come between."""
    return redis.pipeline(transaction=False)


@cache
def script(name: str) -> str:
    """Text of `lua/NAME.lua`, behind its steps. Sent with EVAL: one round trip, also right after a server's restart."""
    return "".join((_SCRIPTS / f"{part}.lua").read_text("utf-8") for part in (*_BEHIND.get(name, ()), name))


def server_time(answer: Any) -> datetime:
    """Redis's TIME as a moment: ages must not depend on our clock."""
    seconds, microseconds = answer
    return datetime.fromtimestamp(seconds, timezone.utc) + timedelta(microseconds=microseconds)
