"""Pictures at a real server: kept in their ten seconds, packed, found again, dropped."""

from __future__ import annotations

import json
from typing import Any

import pytest

from job_console.engine.past import limits, packing
from job_console.engine.past.kept import DAY_S, HOUR_S
from job_console.engine.past.pictures import Pictures
from job_console.engine.redis import keys

#: Half an hour into an hour, on the day before.
NOW = 20_000 * DAY_S + 12 * HOUR_S + 1800
PREFIX = "bench:"


def text(number: int) -> bytes:
    rows = [f"job {number // 3 + row} of somebody, method shop.sync_orders" for row in range(60)]
    return json.dumps([number, rows]).encode()


@pytest.fixture
def pictures(redis: Any) -> Pictures:
    return Pictures(redis, PREFIX)


def kept(redis: Any) -> int:
    return sum(len(value) for key in redis.keys("*:pictures:*") for value in redis.hvals(key))


def test_each_moment_is_read_by_one_round_trip_before_and_after_it_is_packed(
    redis: Any, pictures: Pictures, round_trips: Any
) -> None:
    at = range(NOW - 1900, NOW, limits.EVERY_S)
    for number, second in enumerate(at):
        pictures.write(second + 3.2, text(number))
    loose = kept(redis)
    asked = {second: text(number) for number, second in enumerate(at)}
    assert {second: pictures.read(second + 9.9, NOW).text for second in asked} == asked
    assert [pictures.pack(NOW) for _turn in range(4)] == [1, 1, 1, 0]
    with round_trips() as counted:
        assert pictures.read(NOW - 1200, NOW).text == asked[NOW - 1200]
    assert len(counted) == 1
    assert {second: pictures.read(second + 9.9, NOW).text for second in asked} == asked
    assert kept(redis) < loose / 2
    sizes = sum(map(int, redis.hvals(keys.pictures_sizes(PREFIX))))
    fields = sum(redis.hlen(key) for key in redis.keys("*:pictures:*"))
    assert sizes == kept(redis) + 48 * fields, "what is counted is what is there"
    # One that came late is read beside those that are packed.
    pictures.write(NOW - 1300, b"late")
    pictures.pack(NOW)
    assert pictures.read(NOW - 1300, NOW).text == b"late"
    assert pictures.read(NOW - 1310, NOW).text == asked[NOW - 1310]


def test_without_lzma_it_is_the_same(redis: Any, pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_lzma", lambda: None)
    for number in range(60):
        pictures.write(NOW - 1200 + number * 10, text(number))
    assert pictures.pack(NOW) == 1
    assert pictures.read(NOW - 1200 + 300, NOW).text == text(30)


def test_what_nobody_saw_is_a_gap(redis: Any, pictures: Pictures) -> None:
    for second in (*range(NOW - 4000, NOW - 3000, 60), *range(NOW - 1000, NOW, 60)):
        pictures.write(second, b"%d" % second)
    begin, end = (NOW - 4000) // 10 * 10, (NOW - 3040) // 10 * 10
    assert pictures.read(NOW - 3000, NOW).text == b"%d" % (NOW - 3040), "sweeps come by once a minute"
    gap = pictures.read(NOW - 2000, NOW)
    assert (gap.text, gap.before, gap.after) == (None, end, NOW - 1000)
    assert [since for since, _until in gap.runs] == [begin, NOW - 1000]
    assert pictures.read(NOW - 5000, NOW).before is None
    assert pictures.read(NOW + 500, NOW).text is None, "nothing is known of the future"


def test_a_week_and_so_many_bytes_are_kept_and_no_more(
    redis: Any, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = [NOW - 8 * DAY_S, *(NOW - hour * HOUR_S for hour in (5, 4, 3, 2, 1, 0))]
    for at in hours:
        for second in range(0, 300, 10):
            pictures.write(at + second, bytes(str(hash((at, second))), "ascii") * 20)
    now = NOW + 300
    pictures.make_room(now)
    assert pictures.read(NOW - 5 * HOUR_S, now).text
    assert redis.exists(keys.pictures(PREFIX, (NOW - 8 * DAY_S) // HOUR_S * HOUR_S)) == 0
    per_hour = sum(map(int, redis.hvals(keys.pictures_sizes(PREFIX)))) // 6
    monkeypatch.setattr(limits, "BYTES", per_hour * 3 + 100)
    pictures.make_room(now)
    assert len(redis.keys("*:pictures:*")) == 3
    assert pictures.read(NOW - 5 * HOUR_S, now).text is None
    assert pictures.read(NOW - 2 * HOUR_S, now).text
    assert [since for since, _until in pictures.read(now, now).runs] == [NOW - 2 * HOUR_S, NOW - HOUR_S, NOW]
    assert all(redis.ttl(key) > 0 for key in redis.keys("*pictures*"))


def test_many_gaps_are_told_as_few(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RUNS_TOLD", 3)
    for number in range(12):
        pictures.write(NOW - 5000 + number * (200 if number < 10 else 400), b"x")
    assert 1 <= len(pictures.read(NOW, NOW).runs) <= 3


@pytest.mark.parametrize("broken", [b"", b"z", b"x123", b"zqqq", b"?"])
def test_what_is_none_of_ours_is_no_picture(redis: Any, pictures: Pictures, broken: bytes) -> None:
    place = NOW // 10 * 10
    fields = {str(place): broken, f"b{place // 600 * 600}": broken}
    redis.hset(keys.pictures(PREFIX, NOW // HOUR_S * HOUR_S), mapping=fields)
    assert pictures.read(NOW, NOW).text is None
