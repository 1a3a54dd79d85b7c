"""Python's unpickler with its teeth drawn: no import, no call, no value that takes long to build.

It knows a few harmless value types; for everything else it builds a `Placeholder`: a name with whatever was put into
it. What a few bytes can blow up is made flat or counted: sets are lists and tuples as keys are compared by identity
(the hash of tuples in tuples takes time without end), and a payload has `limits.DECODE_S` of processor time.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import islice
from time import thread_time
from typing import Any, ClassVar
from uuid import UUID

from ..messages import _
from . import limits


class Unreadable(Exception):
    """These bytes are no payload; the message says why, in words for a row."""


class Placeholder:
    """Stands for an object of a class or function that we do not import."""

    name = "object"
    args: tuple[Any, ...]
    pairs: list[tuple[Any, Any]]
    state: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Placeholder:
        self = super().__new__(cls)
        self.args, self.pairs, self.state = args, [], None
        return self

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        self.pairs.append((key, value))

    def append(self, item: Any) -> None:
        """Takes what a pickled list or set subclass holds; nobody asks for it."""

    def extend(self, items: Any) -> None:
        """As `append`."""

    def add(self, item: Any) -> None:
        """As `append`."""

    def contents(self) -> dict[str, Any]:
        """What the pickle put into it under a name."""
        if self.pairs:
            return {key: value for key, value in self.pairs if isinstance(key, str)}
        if isinstance(self.state, dict):
            return {key: value for key, value in self.state.items() if isinstance(key, str)}
        return {}


def inert_class(module: str, name: str) -> type[Placeholder]:
    """What a payload gets for a name, instead of what bears it."""
    return type("Placeholder", (Placeholder,), {"name": f"{module}.{name}"})


class _Key(tuple[Any, ...]):
    """A tuple as the key of a dict, one of a kind: its items are not asked for their hashes."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other


class _Set(list[Any]):
    """A set or frozenset, in the order in which its items were pickled."""

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]
    add = list.append


class _Dict(dict[Any, Any]):
    """Every dict, also `frappe._dict` and `OrderedDict`: what is put into them is what people want to see."""

    __slots__ = ()

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__()
        # Pickles fill a dict item by item; only very old ones hand it a list.
        for key, value in islice(items, limits.VALUES):
            self[key] = value

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_Key(key) if isinstance(key, tuple) else key, value)

    def __setstate__(self, state: Any) -> None:
        """`frappe._dict` is its own state, and already filled."""


def _decimal(text: Any = "0") -> Any:
    """From text, as it is pickled; from a number of a million digits it would take minutes."""
    short = isinstance(text, str) and len(text) <= limits.TEXT_CHARS
    return Decimal(text) if short else inert_class("decimal", "Decimal")(text)


#: Values that cost nothing to build and that pages want to read; their constructors run no code of the payload's.
_PLAIN_OPCODES: dict[tuple[str, str], Callable[..., Any]] = {
    ("builtins", "set"): _Set,
    ("builtins", "frozenset"): _Set,
    ("collections", "OrderedDict"): _Dict,
    ("datetime", "date"): date,
    ("datetime", "datetime"): datetime,
    ("datetime", "time"): time,
    ("datetime", "timedelta"): timedelta,
    ("datetime", "timezone"): timezone,
    ("decimal", "Decimal"): _decimal,
    ("uuid", "UUID"): UUID,
}


class Reader(pickle._Unpickler):
    """Python's own unpickler in Python: the C one reserves memory for whatever memo index a payload names
    (LONG_BINPUT: up to 64 GB from five bytes), and hides its stack, from which `payload.read_head` reads."""

    stack: list[Any]
    metastack: list[list[Any]]
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(pickle._Unpickler.dispatch)

    def __init__(self, pickled: bytes) -> None:
        super().__init__(io.BytesIO(pickled))
        self._deadline = thread_time() + limits.DECODE_S

    def find_class(self, module: str, name: str) -> Any:
        if name == "_dict" and module.partition(".")[0] == "frappe":
            return _Dict
        plain_only = _PLAIN_OPCODES.get((module, name))
        return plain_only if plain_only is not None else inert_class(module, name)

    def persistent_load(self, pid: Any) -> Any:
        return inert_class("persistent", "object")(pid)

    def get_extension(self, code: int) -> None:
        """The base class would look up, and fill, a table that all unpicklers of the process share."""
        self.stack.append(inert_class("extension", str(code)))

    def tick(self) -> None:
        if thread_time() > self._deadline:
            raise Unreadable(_("reading it takes more than {decode_s:g} s").format(decode_s=limits.DECODE_S))


def _opcode(code: bytes) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Use the decorated function for this opcode."""

    def use(load: Callable[[Any], None]) -> Callable[[Any], None]:
        Reader.dispatch[code[0]] = load
        return load

    return use


def _ticking(load: Callable[[Any], None]) -> Callable[[Any], None]:
    def load_and_tick(reader: Any) -> None:
        reader.tick()
        load(reader)

    return load_and_tick


# What may do much work for few bytes: it can be made to take the same big value again and again.
for _code in (pickle.REDUCE, pickle.OBJ, pickle.INST, pickle.NEWOBJ, pickle.NEWOBJ_EX, pickle.SETITEM):
    Reader.dispatch[_code[0]] = _ticking(Reader.dispatch[_code[0]])


@_opcode(pickle.EMPTY_DICT)
def _load_empty_dict(reader: Any) -> None:
    reader.append(_Dict())


@_opcode(pickle.DICT)
def _load_dict(reader: Any) -> None:
    items = reader.pop_mark()
    reader.append(_Dict())
    _set_items(reader, items)


@_opcode(pickle.SETITEMS)
def _load_setitems(reader: Any) -> None:
    _set_items(reader, reader.pop_mark())


def _set_items(reader: Any, items: list[Any]) -> None:
    target = reader.stack[-1]
    for number in range(0, len(items), 2):
        if number % 64 == 0:  # keys of the same hash make each step longer than the one before
            reader.tick()
        target[items[number]] = items[number + 1]


@_opcode(pickle.EMPTY_SET)
def _load_empty_set(reader: Any) -> None:
    reader.append(_Set())


@_opcode(pickle.FROZENSET)
def _load_frozenset(reader: Any) -> None:
    items = reader.pop_mark()  # first: it also puts another `append` in place
    reader.append(_Set(items))


@_opcode(pickle.BYTEARRAY8)
def _load_bytearray8(reader: Any) -> None:
    """The base class reserves, and clears, as many bytes as the payload says, before it reads one."""
    length = int.from_bytes(reader.read(8), "little")
    reader.append(bytearray(reader.read(min(length, limits.INFLATED_BYTES))))


@_opcode(pickle.BUILD)
def _load_build(reader: Any) -> None:
    """A UUID is the one value here whose state the pickle sets itself: it must be a number."""
    target, state = reader.stack[-2:]
    if isinstance(target, UUID) and not (isinstance(state, dict) and type(state.get("int")) is int):
        raise Unreadable(_("it holds a UUID that is none"))
    _BUILD(reader)


_BUILD = pickle._Unpickler.dispatch[pickle.BUILD[0]]
