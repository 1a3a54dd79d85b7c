"""The query language: what it means, and that any text is a query or a mistake at a place."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from job_console.engine.jobs import completion, limits, query_text
from job_console.engine.jobs.query import Query
from job_console.engine.jobs.query_text import Mistake
from job_console.engine.jobs.redact import Redaction
from job_console.engine.models.bench import Bench, Counts, Lane
from job_console.engine.models.jobs import Failure, Job
from job_console.engine.models.workers import Worker
from job_console.engine.rq import call
from job_console.engine.scope import Scope
from tests import jobs as work
from tests.support.sizes import sized

from ..bench import LONG, SHORT

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)


def job(method: str = "shop.sync_stock", user: str = "mia@example.com", **arguments: Any) -> tuple[Job, bytes]:
    plain = pickle.dumps((work.WRAPPER, None, (), work.wrapped(method, "a.localhost", user, **arguments)), 5)
    read = call.read("a.localhost||one", plain, len(plain))
    made = Job(
        "a.localhost||one",
        SHORT,
        "failed",
        read,
        enqueued_at=NOW - timedelta(hours=2),
        started_at=NOW - timedelta(minutes=90),
        ended_at=NOW - timedelta(minutes=80),
        attempt=2,
        worker="4f1c",
        error=Failure("ValidationError", "Row #3: no stock of WIDGET-7"),
    )
    return made, plain


#: A query, whether it finds the job of `invoice`, and that job's arguments besides.
CASES: list[tuple[str, bool, dict[str, Any]]] = [
    ("", True, {}),
    ("method:sync_* user:mia status:failed age:>1h arg.invoice:SINV-1", False, {}),
    ("method:*sync_* user:mia age:>1h arg.invoice:SINV-1", True, {}),
    ("method:sync", True, {}),
    ("METHOD:Sync", True, {}),
    ("method:=shop.sync_stock", True, {}),
    ("method:=sync_stock", False, {}),
    ("method:=shop.sync_stock", False, {"method": "shop.sync_stock_all"}),
    ("-method:sync", False, {}),
    ("-method:other", True, {}),
    ("method:other,stock", True, {}),
    ("-method:other,stock", False, {}),
    ("user:mia", True, {}),
    ("user:mia@*", True, {}),
    ("user:ops", False, {}),
    ("site:a.localhost", True, {}),
    ("site:a.local", False, {}),
    ("site:a.*", True, {}),
    ("age:>1h", True, {}),
    ("age:<1h", False, {}),
    ("age:>=2h age:<=2h", True, {}),
    ("age:>1d,<3h", True, {}),
    ("ran:>=10m", True, {}),
    ("ran:>11m", False, {}),
    ("ended:<2h", True, {}),
    ("due:<1h", False, {}),
    ("-due:<1h", True, {}),
    ("attempt:2", True, {}),
    ("attempt:>2", False, {}),
    ("worker:4f", True, {}),
    ("id:one", True, {}),
    ("id:*||one", True, {}),
    ("error:validation", True, {}),
    ("error:widget-7", True, {}),
    ('error:"no stock of"', True, {}),
    ("error:TypeError", False, {}),
    ("arg.invoice:sinv-1", True, {}),
    ("arg.invoice:SINV", False, {}),
    ("arg.invoice:SINV-*", True, {}),
    ("arg.INVOICE:SINV-1", True, {}),
    ("arg.missing:SINV-1", False, {}),
    ("arg.count:42", True, {"count": 42}),
    ("arg.count:4", False, {"count": 42}),
    ("arg.ready:true", True, {"ready": True}),
    ("arg.ready:1", False, {"ready": True}),
    ("arg.company:none", True, {"company": None}),
    ("arg.filters.company:Acme", True, {"filters": {"company": "Acme"}}),
    ("arg.rows.item:W", True, {"rows": [{"item": "V"}, {"item": "W"}]}),
    ("arg.names:b", True, {"names": ["a", "b"]}),
    ('arg.customer:"Acme, Inc."', True, {"customer": "Acme, Inc."}),
    ("arg.größe:L", True, {"größe": "L"}),
    ("SINV-1", True, {}),
    ("sinv mia", True, {}),
    ('"sinv mia"', False, {}),
    ("sinv nobody", False, {}),
    ("-sinv", False, {}),
    ("-42", True, {"count": -42}),
    ("a.localhost||one", True, {}),
    ("text:stock", True, {}),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "found", "more"), CASES)
def test_what_it_finds(asked: str, found: bool, more: dict[str, Any]) -> None:
    one, plain = job(invoice="SINV-1", **more)
    query = query_text.read(asked, NOW)
    assert query.matches(one) is found
    assert query.may_match_bytes(plain, one.id) or not found, "the quick look missed it"


def test_the_quick_look_spares_work() -> None:
    one, plain = job(invoice="SINV-1")
    for asked in ("method:purge", "user:ops", "arg.invoice:SINV-2", "-x nothing", "method:purge,clean"):
        assert not query_text.read(asked).may_match_bytes(plain, one.id), asked


@pytest.mark.parametrize(
    ("asked", "position", "words"),
    [
        ("status:failed metod:x", 14, "Do you mean 'method'?"),
        ("zzz:x", 0, "In quotes"),
        ("status:fail", 7, "There is no state 'fail'"),
        ("status:failed,fail", 14, "There is no state 'fail'"),
        ("age:1h", 4, "age:>1h or age:<1h"),
        ("age:>soon", 4, "Write age as a time"),
        ("attempt:>many", 8, "as a number"),
        ("method:", 0, "behind method:"),
        ('user:mia "open', 9, "not closed"),
        ('method:"a"b', 10, "space behind a closing quote"),
        ("x" * (limits.QUERY_CHARS + 1), limits.QUERY_CHARS, "at most 1,000 characters"),
        ("x " * (limits.QUERY_TERMS + 1), 2 * limits.QUERY_TERMS, "at most 50 terms"),
    ],
)
def test_a_mistake_says_where(asked: str, position: int, words: str) -> None:
    with pytest.raises(Mistake) as raised:
        query_text.read(asked)
    assert raised.value.position == position
    assert words in str(raised.value)
    assert f"at character {position + 1}" in str(raised.value)


PARTS = ["method:", "arg.a:", "age:", "status:", "-", '"', "\\", ",", ">", "1h", "failed", " ", "ü", "*", "::", "x"]


@settings(max_examples=sized(300, 2_000), deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join) | st.text(max_size=30))
@example("-")
@example('-"')
@example("arg.:")
def test_any_text_is_a_query_or_a_mistake_at_a_place(text: str) -> None:
    one, plain = job(invoice="SINV-1")
    offered = completion.offer(BENCH, Scope(), text, len(text))
    assert 0 <= offered["from"] <= offered["to"] <= len(text)
    if offered["mistake"]:
        assert 0 <= offered["mistake"]["position"] <= len(text)
        return
    query = query_text.read(text, NOW)
    assert query.may_match_bytes(plain, one.id) or not query.matches(one)


def test_lanes_and_states_are_known_by_the_lists() -> None:
    lanes = [Lane(SHORT, Counts()), Lane(LONG, Counts())]

    def asked(text: str) -> tuple[list[str], tuple[str, ...], bool]:
        query = query_text.read(text)
        return [lane.label for lane in query.lanes(lanes)], query.statuses, query.filters

    assert asked("queue:short status:failed") == (["short"], ("failed",), False)
    assert asked("queue:SHORT,bench:long status:queued,failed") == (["short", "long"], ("queued", "failed"), False)
    assert asked("-queue:long -status:finished,canceled,failed") == (
        ["short"],
        ("started", "queued", "scheduled", "deferred"),
        False,
    )
    assert asked("status:dead") == (["short", "long"], ("dead",), False)
    assert asked("user:mia")[2]
    assert [lane.label for lane in query_text.read("", queue="SHORT").lanes(lanes)] == ["short"]
    with pytest.raises(Exception, match="There is no queue 'nope'"):
        asked("queue:nope")


def test_a_secret_is_not_found() -> None:
    """Else asking `a*`, `b*`, … would tell it."""
    one, _plain = job(password="hunter2", item="hunter3")
    redaction = Redaction()
    shown = dataclasses.replace(one, error=Failure("E", "password=hunter2"))
    for asked, found in (("arg.password:hunter2", False), ("arg.password:*", True), ("arg.item:hunter3", True),
                         ("error:hunter2", False), ("-arg.password:h*", True)):  # fmt: skip
        assert query_text.read(asked, NOW, lambda _job: redaction).matches(shown) is found, asked


BENCH = Bench(
    NOW,
    (
        Lane(SHORT, Counts(queued=3), running=(job(invoice="SINV-1")[0],), failures=(job("shop.purge", "ops")[0],)),
        Lane("other:short", Counts()),
        Lane(LONG, Counts()),
    ),
    (Worker("4f1c", "busy", host="host", pid=812),),
)


@pytest.mark.parametrize(
    ("text", "offers", "base"),
    [
        ("", ["method:", "status:", "queue:"], 0),
        ("st", ["status:", "status:started", "method:shop.sync_stock"], 0),
        ("status:f", ["failed"], 7),
        ("status:failed,can", ["canceled"], 14),
        ("x -us", ["user:"], 3),
        ("method:sync", ["shop.sync_stock"], 7),
        ("user:", ["mia@example.com", "ops"], 5),
        ("queue:", [SHORT, "other:short", "long"], 6),
        ("worker:host", ["4f1c"], 7),
        ("arg.", ["arg.invoice:"], 0),
        ("age:>", [">1m", ">10m", ">1h", ">1d"], 4),
        ("mia", ["user:mia@example.com"], 0),
        ('method:"', ["shop.sync_stock", "shop.purge"], 7),
    ],
)
def test_what_is_offered(text: str, offers: list[str], base: int) -> None:
    found = completion.offer(BENCH, Scope(), text, len(text))
    texts = [each["text"] for each in found["offers"]]
    assert [each for each in texts if each in offers][: len(offers)] == offers
    assert found["from"] == base


def test_names_of_other_sites_are_not_offered() -> None:
    seen = Scope("b.localhost").bench(BENCH).bench
    assert completion.offer(seen, Scope("b.localhost"), "user:", 5)["offers"] == []


def test_an_offer_is_taken_in_the_middle() -> None:
    found = completion.offer(BENCH, Scope(), "status:fail user:mia", 11)
    assert (found["from"], found["to"]) == (7, 11)
    assert found["mistake"] == {
        "text": "There is no state 'fail'; the states are started, queued, scheduled, deferred, failed, canceled, "
        "finished, dead.",
        "position": 7,
    }


def test_quoted_is_read_back() -> None:
    for value in ("plain", "two words", 'a "quote"', "back\\slash and space", "a,b"):
        (term,) = query_text.read(f"method:{completion.quoted(value)}").terms
        assert term.values == (value,)


def test_one_query_is_as_its_fields() -> None:
    one, _plain = job()
    assert Query(method="sync", user="mia@example.com").matches(one)
    assert query_text.read("user:mia", NOW, method="sync").matches(one)
    assert not query_text.read("user:mia", NOW, method="purge").matches(one)
