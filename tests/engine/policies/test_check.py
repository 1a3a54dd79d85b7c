"""Each mistake is found, and told in words; a sound policy passes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from job_console.engine.errors import BadRequest
from job_console.engine.models.policies import Alerts, Backoff, Limit, Policy
from job_console.engine.policies import delays
from job_console.engine.policies.check import Facts, problems

from ..models.test_policies import FULL

FACTS = Facts({"short": 300, "default": 300, "long": 1500}, ("customer", "region", "warehouse", "iban"))
BARE = Policy("P", "method", "shop.sync")


def test_what_is_sound_passes() -> None:
    assert problems(BARE, Facts()) == []
    assert problems(FULL, FACTS) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pattern": " "}, "Say which jobs"),
        ({"kind": "glob"}, r"no \* in it"),
        ({"pattern": "shop.*"}, "match by pattern"),
        ({"pattern": "s" * 200}, "longer than 140"),
        ({"kind": "regex"}, "Matches is one of"),
        ({"idempotency": "maybe"}, "Safe to repeat is one of safe, unsafe, unknown"),
        ({"lost": "weep"}, "Lost work is one of"),
        ({"catch_up": "?"}, "Catch up is one of"),
        ({"overlap": "?"}, "Overlap is one of"),
        ({"queue": "slow"}, "No worker serves a queue 'slow': this bench has short, default, long"),
        ({"queue": "short", "timeout_s": 600}, r"'short' is for jobs of up to 5 min, .* 10 min. Longer ones .* long"),
        ({"timeout_s": 6000}, "queues of this bench are for jobs of up to 25 min"),
        ({"timeout_s": 0}, "timeout must be longer"),
        ({"expected_s": -1}, "expected duration must"),
        ({"longest_wait_s": 0}, "longest wait must"),
        ({"overrun_factor": 0.5}, "factor is at least 1"),
        ({"expected_s": 300, "timeout_s": 200}, "expected to take 5 min, but would be stopped .* after 3 min"),
        ({"attempts": 0}, "1 to 50 attempts"),
        ({"attempts": 51}, "1 to 50 attempts"),
        ({"attempts": 2, "backoff": Backoff(delays_s=(1, 2))}, "2 delays for 1 further"),
        ({"backoff": Backoff(delays_s=tuple(range(60)))}, "more than 50 delays"),
        ({"backoff": Backoff(delays_s=(-1,))}, "delay lasts from nothing to 7 d"),
        ({"backoff": Backoff(cap_s=10**9)}, "delay lasts from nothing to 7 d"),
        ({"backoff": Backoff(factor=0.5)}, "do not shrink"),
        ({"backoff": Backoff(first_s=60, cap_s=30)}, r"first delay \(60 s\) is longer than the longest one \(30 s\)"),
        ({"backoff": Backoff(jitter=2)}, "from 0 to 100 %"),
        ({"retry_on": ("not a name",)}, "no name of an exception"),
        ({"retry_on": ("OSError",), "never_on": ("OSError",)}, "OSError cannot both"),
        ({"idempotency": "unsafe", "attempts": 2}, "not tried again by itself"),
        ({"idempotency": "unsafe", "lost": "requeue"}, "not requeued by itself"),
        ({"limit": Limit(0)}, "At most 1 to"),
        ({"limit": Limit(1, "planet")}, "counts by bench, site, key"),
        ({"limit": Limit(1, "key")}, "needs a key"),
        ({"limit": Limit(1, "site", "{customer}")}, "no use for the key"),
        ({"limit": Limit(1, "key", "{colour}")}, "limit's key '{colour}' names 'colour'"),
        ({"key": "{colour}"}, "The key '{colour}' names 'colour', which is no argument .* customer, region"),
        ({"key": "{"}, "no template"),
        ({"lock": "{colour}"}, "The lock '{colour}' names"),
        ({"lock_wait_s": -1}, "less than nothing"),
        ({"sensitive": ("pin",)}, "sensitive arguments names 'pin'"),
        ({"alerts": Alerts(on=("failed",))}, "who is to be told"),
        ({"alerts": Alerts(to=("sam@example.com",))}, "what they are to be told"),
        ({"alerts": Alerts(("sam@example.com",), ("rain",))}, "no alert on 'rain'"),
        ({"alerts": Alerts(cooldown_s="1h")}, "pause between two alerts is a number of seconds, not '1h'"),
        ({"timeout_s": "5m"}, "timeout is a number of seconds, not '5m'"),
        ({"expected_s": float("nan")}, "expected duration is a number of seconds, not nan"),
        ({"attempts": "many"}, "Attempts is a number, not 'many'"),
        ({"attempts": None}, "Attempts is a number, not None"),
        ({"backoff": Backoff(delays_s=("30",))}, "delay is a number of seconds, not '30'"),
        ({"backoff": Backoff(jitter="some")}, "Jitter is a number, not 'some'"),
        ({"limit": Limit("2")}, "limit is a number, not '2'"),
        ({"limit": Limit(1, None)}, "counts by bench, site, key, not by None"),
        ({"lock_wait_s": "long"}, "wait for the lock is a number of seconds, not 'long'"),
        ({"queue": 5}, "queue is a text, not 5"),
        ({"key": 5}, "key is a text, not 5"),
        ({"retry_on": (OSError,)}, "name of an exception is a text, not <class 'OSError'>"),
        ({"sensitive": (None,)}, "sensitive argument is a text, not None"),
        ({"overlap": ["skip"]}, r"Overlap is one of .*, not \['skip'\]"),
        ({"alerts": Alerts(cooldown_s=-1)}, "pause between two alerts"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_in_words(change: dict[str, Any], said: str) -> None:
    (found,) = problems(replace(BARE, **change), FACTS)
    assert re.search(said, str(found)), found
    assert found.field.partition(".")[0] in {**change, "pattern": 0}, found


def test_every_mistake_is_reported_at_once() -> None:
    wrong = replace(BARE, attempts=0, queue="slow", key="{colour}", overlap="?", expected_s=-1)
    assert [each.field for each in problems(wrong, FACTS)] == ["overlap", "queue", "expected_s", "attempts", "key"]


def test_what_a_call_has_besides_its_arguments_may_be_named() -> None:
    assert problems(replace(BARE, key="{site}:{user}:{method}:{*}"), FACTS) == []


def test_names_are_let_pass_where_the_arguments_are_not_known() -> None:
    wild = replace(BARE, kind="glob", pattern="*", key="{colour}", sensitive=("pin",))
    assert problems(wild, Facts()) == []
    assert problems(replace(BARE, key="{colour}"), replace(FACTS, takes_any=True)) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", ()), (None, ()), ("30, 2m, 1h", (30, 120, 3600)), ("1.5;2 min\n1d", (1.5, 120, 86_400)), ("10S,,", (10,))],
)
def test_delays_as_people_write_them(text: str | None, seconds: tuple[float, ...]) -> None:
    assert delays.parse(text) == seconds
    assert delays.parse(delays.spelled(seconds)) == seconds


@pytest.mark.parametrize("text", ["soon", "-3", "5 weeks", "*/5 * * * *", "1 2"])
def test_what_is_no_delay_says_so(text: str) -> None:
    with pytest.raises(BadRequest, match="no delay"):
        delays.parse(text)
