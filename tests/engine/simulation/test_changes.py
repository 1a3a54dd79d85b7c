"""What somebody asks to be changed is read, or refused with what is wrong."""

from __future__ import annotations

import pytest

from job_console.engine.errors import BadRequest
from job_console.engine.simulation import changes
from job_console.engine.simulation.changes import Goal

CREW = [("b:short", "b:default"), ("b:long",), ("b:long",)]


def full(label: str) -> str:
    if label not in ("short", "default", "long"):
        raise BadRequest(f"There is no queue {label}.")
    return f"b:{label}"


def test_workers_are_added_taken_away_and_counted() -> None:
    assert changes.workers(CREW, [], full) == tuple(CREW)
    assert changes.workers(CREW, ["short:+2"], full) == (*CREW, ("b:short",), ("b:short",))
    assert changes.workers(CREW, ["long:-1", "long, short:=1"], full) == (CREW[0], ("b:long",), ("b:long", "b:short"))
    assert changes.workers(CREW, ["short,default:=3"], full).count(CREW[0]) == 3
    assert changes.workers(CREW, ["long:=0"], full) == (CREW[0],)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("short+1", "no change of workers"),
        ("short:+x", "no change of workers"),
        ("other:+1", "no queue other"),
        ("default,short:-1", "0 workers serve default,short"),
        ("long:-3", "2 workers serve long"),
        ("short:+600", "At most 500"),
    ],
)
def test_other_changes_of_workers_are_refused(text: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        changes.workers(CREW, [text], full)


def test_a_goal_is_a_queue_a_duration_and_a_share_of_its_jobs() -> None:
    assert changes.goal("short=10s", 90, full) == Goal("b:short", 10.0, 0.9)
    assert changes.goal("long = 1.5 h", 99.5, full) == Goal("b:long", 5400.0, 0.995)
    assert [changes.goal(f"short={each}", 90, full).within_s for each in ("500ms", "2min", "7")] == [0.5, 120, 7]
    for text, jobs, said in (("short", 90, "no change"), ("short=soon", 90, "no duration"), ("short=0s", 90, "no dur")):
        with pytest.raises(BadRequest, match=said):
            changes.goal(text, jobs, full)
    with pytest.raises(BadRequest, match="jobs in a hundred"):
        changes.goal("short=1s", 100, full)


def test_the_value_of_a_pair_may_hold_the_sign() -> None:
    assert changes.pair("nightly = 0 2 * * 1", "…") == ("nightly", "0 2 * * 1")
    assert changes.pair("a.b=c=d", "…") == ("a.b", "c=d")
    with pytest.raises(BadRequest, match="write it as a=b"):
        changes.pair("=c", "a=b")
