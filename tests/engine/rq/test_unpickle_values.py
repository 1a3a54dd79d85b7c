"""What pages want to read of a payload is read, and what is strange is shown without an error."""

from __future__ import annotations

import collections
import json
import pickle
import sys
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from job_console.engine.jobs.redact import Redaction
from job_console.engine.rq import limits as rq_limits

from .unpickled import read, shown


class Owner:
    def method(self) -> None: ...


#: RQ uses the newest that the writer's Python has.
PROTOCOLS = (3, 4, 5)


class TestValues:
    """What pages want to read is read."""

    def value(self, value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
        found = read(pickle.dumps(("f", None, (value,), {}), protocol))
        assert found.problem is None
        return found.arguments["0"]

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    @pytest.mark.parametrize(
        "value",
        [
            date(2026, 1, 2),
            datetime(2026, 1, 2, 3, 4, 5, 6),  # noqa: DTZ001  as Frappe's are
            datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            time(1, 2),
            timedelta(days=1, seconds=2),
            Decimal("12.50"),
            uuid.UUID(int=5),
            "é中",
            2**70,
            -1.5,
            None,
            True,
            (1, "a", (2,)),
            [1, [2]],
            {"a": {"b": 1}, 5: 6},
        ],
        ids=repr,
    )
    def test_plain_values(self, value: Any, protocol: int) -> None:
        assert self.value(value, protocol) == value

    @pytest.mark.parametrize("value", [{1, 2}, frozenset({1, 2})])
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_sets(self, value: Any, protocol: int) -> None:
        assert sorted(self.value(value, protocol)) == [1, 2]

    def test_tuples_as_keys(self) -> None:
        assert list(Redaction().arguments({"x": self.value({(1, "a"): 2})})["x"].values()) == [2]

    def test_ordered_dict(self) -> None:
        assert self.value(collections.OrderedDict(a=1, b=2)) == {"a": 1, "b": 2}

    @pytest.mark.parametrize("module", ["frappe", "frappe.types.frappedict", "frappe.utils.data"])
    def test_frappe_dict(self, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """As Frappe defines it: its state is itself."""

        class _dict(dict):  # noqa: N801
            __getattr__ = dict.get
            __setattr__ = dict.__setitem__
            __setstate__ = dict.update

            def __getstate__(self) -> Any:
                return self

        _dict.__module__, _dict.__qualname__ = module, "_dict"
        parts = module.split(".")
        for end in range(1, len(parts) + 1):
            monkeypatch.setitem(sys.modules, ".".join(parts[:end]), ModuleType(".".join(parts[:end])))
        sys.modules[module]._dict = _dict  # type: ignore[attr-defined]
        found = self.value(_dict(doctype="ToDo", items=[_dict(qty=1)]))
        assert found == {"doctype": "ToDo", "items": [{"qty": 1}]}
        assert not isinstance(found, _dict)

    def test_functions_are_names(self) -> None:
        assert read(pickle.dumps((json.dumps, None, (), {}))).method == "json.dumps"

    def test_functions_of_modules_that_do_not_exist(self) -> None:
        assert read(b"\x80\x04(cno.such.module\nfunction\nN)}t.").method == "no.such.module.function"

    def test_bound_methods(self) -> None:
        """RQ puts the instance beside the name; a bound method as an argument is a getattr."""
        assert read(pickle.dumps((Owner().method, None, (), {}))).method == f"{__name__}.Owner.method"
        assert read(pickle.dumps(("method", Owner(), (), {}))).method == "method"

    def test_objects_show_what_was_put_into_them(self) -> None:
        owner = Owner()
        owner.colour = "red"  # type: ignore[attr-defined]
        found = Redaction().arguments({"x": self.value(owner)})["x"]
        assert found == {f"<{__name__}.Owner>": {"colour": "red"}}


class TestStrange:
    """Read without an error, and shown without one."""

    @pytest.mark.parametrize(
        "value",
        [
            b"cuuid\nUUID\n)\x81",
            b"cuuid\nUUID\n)\x81}X\x03\x00\x00\x00intX\x01\x00\x00\x00xsb",
            b"ccollections\nOrderedDict\n)R}X\x05\x00\x00\x00itemsX\x01\x00\x00\x00xsb",
            b"cfrappe\n_dict\n)R}X\x05\x00\x00\x00itemsX\x01\x00\x00\x00xsb",
            b"}" + pickle.dumps(1 << 100_000, 2)[2:-1] + b"Ns",
            b"}cuuid\nUUID\n(X\x01\x00\x00\x005tRNs",
            b"X\x03\x00\x00\x00\xed\xa0\x80",
            b"}X\x03\x00\x00\x00\xed\xa0\x80Ns",
            b"cdecimal\nDecimal\n(X\x04\x00\x00\x00sNaNtR",
            b"G\x7f\xf8\x00\x00\x00\x00\x00\x00",
            b"cdatetime\nset\n",
            b"cbuiltins\nset\n",
        ],
        ids=repr,
    )
    def test_shown(self, value: bytes) -> None:
        for data in (
            b"\x80\x04(X\x01\x00\x00\x00fN(" + value + b"t}t.",
            b"\x80\x04(X\x01\x00\x00\x00fN)}X\x01\x00\x00\x00a" + value + b"st.",
        ):
            json.loads(shown(data).encode())

    def test_a_number_of_many_digits_as_the_name_of_an_argument(self) -> None:
        huge = pickle.dumps(1 << 100_000, 2)[2:-1]
        shown(b"\x80\x04(X\x01\x00\x00\x00fN)}" + huge + b"Nst.")
        inner = b"}" + huge + b"Ns"
        wrapped = b"}(X\x04\x00\x00\x00siteNX\x06\x00\x00\x00methodX\x01\x00\x00\x00mX\x06\x00\x00\x00kwargs" + inner
        shown(b"\x80\x04(X\x01\x00\x00\x00fN)" + wrapped + b"ut.")

    @pytest.mark.parametrize("where", ["method", "job_name", "user", "doctype", "function"])
    def test_names_are_cut_and_can_be_encoded(self, where: str) -> None:
        name = "\ud800" + "n" * 100_000
        inner = {"doctype": name if where == "doctype" else "ToDo", "name": "x"}
        wrapped = {"site": "a.localhost", "method": "m", "job_name": "j", "user": "u", "kwargs": inner}
        if where in wrapped:
            wrapped[where] = name
        found = read(pickle.dumps((name if where == "function" else "f", None, (), wrapped)))
        for part in (found.method, found.label, found.user or "", *(found.document or ())):
            assert len(part) <= rq_limits.TEXT_CHARS + 50
            part.encode()
