"""Cron expressions by chance: what people write, and what nobody would."""

from __future__ import annotations

from hypothesis import strategies as st

from job_console.engine.schedule.fields import FIELDS

_NAMED = {number: [name.lower() for name in FIELDS[number].names] for number in (3, 4)}


def _part(number: int) -> st.SearchStrategy[str]:
    low, high = FIELDS[number].numbers[0], min(FIELDS[number].numbers[-1], 6 if number == 4 else 59)
    value = st.integers(low, high)
    # Not from a value to itself: versions of croniter differ about that, and `check` refuses it.
    span = st.tuples(value, value).filter(lambda ends: ends[0] != ends[1]).map(sorted)
    step = st.integers(1, high)
    parts = [
        value.map(str),
        span.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.tuples(span, step).map(lambda both: f"{both[0][0]}-{both[0][1]}/{both[1]}"),
    ]
    if number in _NAMED:
        parts.append(st.sampled_from(_NAMED[number]))
    return st.one_of(parts)


def listed(number: int) -> st.SearchStrategy[str]:
    return st.lists(_part(number), min_size=1, max_size=3).map(",".join)


def field(number: int, steps: bool = True) -> st.SearchStrategy[str]:
    lists = listed(number)
    stars = st.integers(1, FIELDS[number].numbers[-1]).map(lambda step: f"*/{step}")
    return st.one_of(st.just("*"), st.just("*"), lists, stars) if steps else st.one_of(st.just("*"), lists)


def expressions(day_steps: bool = True) -> st.SearchStrategy[str]:
    """`day_steps`: with `*/2` for days and weekdays, too."""
    fields = [field(number, day_steps or number not in (2, 4)) for number in range(5)]
    return st.tuples(*fields).map(" ".join)


#: Weekdays by their number in the month, and the last day of a month: as croniter writes them.
special = st.one_of(
    st.tuples(field(0), field(1), st.just("l"), field(3), st.just("*")),
    st.tuples(
        field(0), field(1), st.just("*"), field(3), st.sampled_from(["L5", "fri#2", "1#1", "0#5", "1#1,3#3", "l0"])
    ),
).map(" ".join)
