"""What is made of a worker's record, whose commands reach Redis one by one."""

from __future__ import annotations

import pytest

from job_console.engine.look import workers

ROW = [b"busy", b"short", b"one", b"here", b"7", b"2026-11-23T16:40:00Z", b"2026-11-23T16:41:00Z", *[None] * 7]


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        (85_000, 84_999, 84.999),
        (85_000, 480_000, 85.0),  # it ended its job behind the row
        (480_000, 85_000, 85.0),  # it began its job before the row
        (-2, 85_000, 85.0),
        (85_000, -2, None),
        (-1, -1, None),
    ],
)
def test_a_beat_between_two_commands_is_not_taken_for_a_wrong_clock(
    before: int, after: int, left: float | None
) -> None:
    """The time to live that it promises outside of jobs is minutes longer than the lease of its job."""
    worker = workers.build("w1", (before, ROW, after, None, None))
    assert worker is not None
    assert worker.expires_in_s == left
