"""What may be shown of a job's arguments: no secret at any depth, nothing endless, always JSON."""

from __future__ import annotations

import json
import math
import time
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.jobs.redact import HIDDEN, SECRET_NAMES, Redaction
from job_console.engine.rq import limits as rq_limits

SECRET = "hunter2-and-more"


def shown(value: Any, *extra: str) -> Any:
    """What the page gets; fails when it is no JSON that can be sent."""
    plain = Redaction(extra).arguments({"x": value})
    text = json.dumps(plain, allow_nan=False, ensure_ascii=False)
    text.encode()
    assert len(text) < 2_000_000
    return plain["x"]


class TestSecrets:
    @pytest.mark.parametrize("name", SECRET_NAMES)
    def test_by_name(self, name: str) -> None:
        for spelled in (name, name.upper(), f"db_{name}", name.replace("_", "-")):
            assert shown({spelled: SECRET, "other": 1}) == {spelled: HIDDEN, "other": 1}

    @pytest.mark.parametrize("name", ["side", "adopt", "residue", "hotpot", "reside_in"])
    def test_innocent_names(self, name: str) -> None:
        assert shown({name: 5}) == {name: 5}

    def test_at_every_depth(self) -> None:
        value: Any = {"password": SECRET, "api_key": {"nested": SECRET}, "tokens": [SECRET], b"secret": SECRET}
        for depth in range(jobs_limits.DEPTH + 4):
            value = [value, {"inner": value}, (value,)] if depth % 2 else {"inner": value}
            assert SECRET not in json.dumps(shown(value))

    def test_empty_ones_say_so(self) -> None:
        assert shown({"password": None, "token": ""}) == {"password": None, "token": ""}

    def test_more_names(self) -> None:
        assert shown({"iban": SECRET, "My-PIN": 1}, "IBAN", "my_pin", " ") == {"iban": HIDDEN, "My-PIN": HIDDEN}

    def test_in_the_names_of_text_in_values(self) -> None:
        assert SECRET not in shown(f"password={SECRET}")


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            "password={}",
            "password = {}",
            "Password: {}",
            "pwd={};",
            "sid={}; path=/",
            '{{"password": "{}"}}',
            "{{'password': '{}'}}",
            "{{'db_password': '{}'}}",
            '\\"password\\": \\"{}\\"',
            "https://host/?access_token={}&x=1",
            "?api_key={}",
            "api-key: {}",
            "apikey={}",
            "client_secret={}",
            "AWS_SECRET_ACCESS_KEY={}",
            "Authorization: Bearer {}",
            "Authorization: Basic {}",
            "authorization: token {}",
            "headers={{'Authorization': 'token {}'}}",
            "postgres://user:{}@host/db",
            "redis://:{}@host",
            "line one\npassword={}\nline three",
        ],
    )
    def test_hidden(self, text: str) -> None:
        found = Redaction().text(text.format(SECRET))
        assert SECRET not in found
        assert HIDDEN in found

    @pytest.mark.parametrize("text", ["No stock of ITEM-1 in Stores", "http://host:8000/api", "time 12:30", "a@b.c"])
    def test_innocent(self, text: str) -> None:
        assert Redaction().text(text) == text

    def test_more_names(self) -> None:
        assert SECRET not in Redaction(["pin_code"]).text(f"pin-code: {SECRET}")

    @pytest.mark.parametrize("before", range(rq_limits.TEXT_CHARS - 40, rq_limits.TEXT_CHARS + 20, 3))
    def test_at_the_cut(self, before: int) -> None:
        found = Redaction().text("x " * (before // 2) + f'password="{SECRET} {SECRET}" ' + "y" * 5_000)
        assert "hunter" not in found

    def test_cut(self) -> None:
        found = Redaction().text("x" * 10_000)
        assert found.startswith("x" * rq_limits.TEXT_CHARS + "…")
        assert "10,000" in found
        assert Redaction().text("x" * rq_limits.TEXT_CHARS) == "x" * rq_limits.TEXT_CHARS

    @pytest.mark.parametrize(
        "text",
        [
            "a" * 400_000,
            "a://" * 100_000,
            "password" * 50_000,
            "password " * 50_000,
            "token='" * 60_000,
            "x:" * 200_000,
        ],
    )
    def test_quick_on_any_text(self, text: str) -> None:
        start = time.process_time()
        Redaction().text(text, rq_limits.TRACEBACK_CHARS)
        assert time.process_time() - start < 1.0

    def test_halves_of_characters(self) -> None:
        Redaction().text("\ud800x").encode()


class TestBounds:
    def test_a_list_that_holds_itself(self) -> None:
        endless: list[Any] = []
        endless += [endless] * 20
        shown(endless)

    def test_a_dict_that_holds_itself(self) -> None:
        endless: dict[Any, Any] = {}
        endless |= {str(number): endless for number in range(40)}
        shown(endless)

    def test_many_items(self) -> None:
        found = shown(list(range(10_000)))
        assert found[:3] == [0, 1, 2]
        assert len(found) == rq_limits.ITEMS + 1
        assert "9,950" in found[-1]
        found = shown({str(number): number for number in range(10_000)})
        assert len(found) == rq_limits.ITEMS + 1
        assert "9,950" in found["…"]

    def test_many_values_in_all(self) -> None:
        found = shown([[[1] * 40] * 40] * 40)
        assert json.dumps(found).count("1") < rq_limits.VALUES + rq_limits.ITEMS * 3

    def test_long_names(self) -> None:
        (name,) = shown({"n" * 100_000: 1})
        assert len(name) == rq_limits.TEXT_CHARS

    @pytest.mark.parametrize(
        "key",
        [1 << 50_000, (1, (2, 3)), b"x" * 10_000, None, math.nan, uuid.UUID(int=1)],
        ids=lambda key: type(key).__name__,
    )
    def test_odd_names(self, key: Any) -> None:
        (name,) = shown({key: 1})
        assert len(name) <= rq_limits.TEXT_CHARS

    def test_a_tuple_of_tuples_as_a_name(self) -> None:
        key: Any = ()
        for _ in range(200):
            key = (key, key)
        found = Redaction().arguments({"x": [key]})
        assert len(json.dumps(found)) < 10_000

        class Name(tuple):  # its hash is not asked, as in what the unpickler makes
            __slots__ = ()
            __hash__ = object.__hash__

        (name,) = Redaction().arguments({Name(key): 1})
        assert len(name) <= rq_limits.TEXT_CHARS


class TestValues:
    @pytest.mark.parametrize(
        ("value", "plain"),
        [
            (None, None),
            (True, True),
            (7, 7),
            (2**53, 2**53),
            (2**53 + 1, str(2**53 + 1)),
            (-(2**70), str(-(2**70))),
            (1.5, 1.5),
            (math.nan, "nan"),
            (math.inf, "inf"),
            (-math.inf, "-inf"),
            (b"secret bytes", "<12 bytes>"),
            (bytearray(3), "<3 bytes>"),
            (date(2026, 1, 2), "2026-01-02"),
            (datetime(2026, 1, 2, 3, tzinfo=timezone.utc), "2026-01-02T03:00:00+00:00"),
            (timedelta(hours=1), "1:00:00"),
            (Decimal("1.50"), "1.50"),
            (Decimal("sNaN"), "sNaN"),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            ((1, 2), [1, 2]),
            (print, "<builtin_function_or_method>"),
        ],
        ids=repr,
    )
    def test_plain(self, value: Any, plain: Any) -> None:
        assert shown(value) == plain

    def test_huge_integers(self) -> None:
        assert "bits" in shown(1 << 1_000_000)
