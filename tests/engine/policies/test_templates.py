"""Keys: one for the same work, another one for other work, and no way into the objects that are passed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from job_console.engine.errors import BadRequest
from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Policy
from job_console.engine.policies import limits as policies_limits
from job_console.engine.policies import templates


class Doc:
    name = "SO-1"


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("all", "all"),
        ("{customer}", "C-1"),
        ("stock:{warehouse}:{day}", "stock:7:2026-11-23"),
        ("{doc.name}", "SO-1"),
        ("{order.id}", "9"),
        ("{customer.name}", "C-1"),
        ("{order.missing.deeper}", ""),
        ("{nothing}", ""),
        ("{missing}", ""),
        ("{names}", '["b","a"]'),
        ("{method} on {site}", "shop.sync on a.localhost"),
        ("{user}", "an argument"),
        ("{{braces}}", "{braces}"),
    ],
)
def test_a_template_is_filled_from_the_arguments(template: str, filled: str) -> None:
    arguments = {
        "customer": "C-1", "warehouse": 7, "day": date(2026, 11, 23), "doc": Doc(), "order": {"id": 9},
        "nothing": None, "names": ["b", "a"], "user": "an argument",
    }  # fmt: skip
    assert templates.fill(template, arguments, site="a.localhost", method="shop.sync", user="sam") == filled


@pytest.mark.parametrize(
    "template", ["{", "{}", "{0}", "{a!r}", "{a:>10}", "{a[0]}", "{__class__}", "{a.__class__}", "{a b}"]
)
def test_what_is_no_template_says_so(template: str) -> None:
    with pytest.raises(BadRequest, match="no template"):
        templates.names(template)


def test_names() -> None:
    assert templates.names("{a}:{b.c}:{*}") == ("a", "b")


def test_all_arguments_whatever_their_order() -> None:
    one = templates.fill("{*}", {"a": 1, "b": {"x", "y"}})
    assert one == templates.fill("{*}", {"b": {"y", "x"}, "a": 1})
    assert one != templates.fill("{*}", {"a": 1, "b": {"x"}})


KEYS = st.one_of(st.text(max_size=2), st.integers(0, 3), st.none(), st.tuples(st.text(max_size=1), st.integers(0, 1)))
DICTS = st.dictionaries(KEYS, st.one_of(st.integers(0, 2), st.dictionaries(KEYS, st.integers(0, 2), max_size=2)))


@pytest.mark.parametrize("template", ["{*}", "{rows}"])
@given(one=DICTS, other=DICTS)
def test_keys_of_any_type_make_a_key_and_different_dicts_another(template: str, one: Any, other: Any) -> None:
    turned = dict(reversed(one.items()))
    assert templates.fill(template, {"rows": one}) == templates.fill(template, {"rows": turned})
    assert (templates.fill(template, {"rows": one}) == templates.fill(template, {"rows": other})) == (one == other)


def test_a_number_and_its_text_are_different_keys() -> None:
    filled = [templates.fill("{rows}", {"rows": rows}) for rows in ({1: 2, "a": 3}, {"1": 2, "a": 3})]
    assert filled == ['{int 1:2,"a":3}', '{"1":2,"a":3}']


@given(st.text(max_size=400), st.text(max_size=400))
def test_long_keys_are_cut_and_still_differ(one: str, other: str) -> None:
    first, second = templates.fill("{x}", {"x": one}), templates.fill("{x}", {"x": other})
    assert len(first) <= policies_limits.POLICY_KEY_CHARS
    assert (first == second) == (one == other)


def test_a_sensitive_argument_makes_a_key_and_is_not_reported() -> None:
    policy = Policy("P", "method", "shop.pay", sensitive=("iban",))
    one, other = (Call("shop.pay", "x", "method", arguments={"iban": iban, "day": 3}) for iban in ("DE1", "DE2"))
    key = templates.of_call("{iban}:{day}", policy, one)
    assert key == templates.of_call("{iban}:{day}", policy, one)
    assert key != templates.of_call("{iban}:{day}", policy, other)
    assert "DE1" not in key
    assert key.endswith(":3")


def test_what_is_asked_of_a_sensitive_argument_is_distinguished_too() -> None:
    policy = Policy("P", "method", "shop.pay", sensitive=("doc",))
    calls = [Call("shop.pay", "x", "method", arguments={"doc": {"name": name}}) for name in ("SO-1", "SO-2")]
    for template in ("{doc.name}", "{doc}", "{*}"):
        one, other = (templates.of_call(template, policy, call) for call in calls)
        assert one != other
        assert one == templates.of_call(template, policy, calls[0])
        assert one
        assert "SO-1" not in one
    assert templates.of_call("{doc.name}", policy, Call("shop.pay", "x", "method")) == ""
