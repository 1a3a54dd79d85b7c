# ruff: noqa: E501  tables of sentences read best a line each
"""Why a job waits, in words: who is before it, who is busy, and when it should start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from job_console.engine.diagnosis.explain.case import Facts
from job_console.engine.look import limits as look_limits
from job_console.engine.models.bench import Bench, Counts, Lane, Usual
from job_console.engine.models.jobs import Call
from job_console.engine.models.outcomes import AuditEntry
from job_console.engine.models.warnings import Warning
from job_console.engine.scope import Scope

from ..bench import DEFAULT, LONG, SHORT
from .explained import AGING, HISTORY, IMPORT, before, bench, job, reported, running, sentences, worker


def queued_behind(count: int) -> Lane:
    head = tuple(job(id=f"ahead-{number}") for number in range(min(count, look_limits.HEAD_ROWS)))
    return Lane(LONG, Counts(queued=count + 1), head=head)


NO_TELLING = "No telling when it will start: nothing tells how long the jobs before it take."

WAITING = {
    "next, a worker is free": (bench(None), 1, ["It is next in long, and has waited 60 s.", "1 worker of long is free.", "It should start at once."], 0.0),
    "both workers are busy": (
        bench(AGING, IMPORT, lane=queued_behind(36), usual=HISTORY),
        37,
        [
            "It is 37th in long, and has waited 60 s.",
            "Both workers of long are busy: with monthly_aging for 12 min (usually 3 min) and import_bank for 4 min (usually 18 min).",
            "It should start within 28 min, in about 26 min.",
        ],
        1680.0,
    ),
    "no history": (
        bench(AGING),
        1,
        [
            "It is next in long, and has waited 60 s.",
            "The only worker of long is busy: with monthly_aging for 12 min.",
            NO_TELLING,
        ],
        None,
    ),
    "nothing to go by": (
        bench(replace(AGING, timeout_s=None)),
        1,
        [
            "It is next in long, and has waited 60 s.",
            "The only worker of long is busy: with monthly_aging for 12 min.",
            NO_TELLING,
        ],
        None,
    ),
    "many workers": (
        bench(*(running(f"job_{number}", 100 * number) for number in range(1, 6)), usual=HISTORY),
        1,
        [
            "It is next in long, and has waited 60 s.",
            "All 5 workers of long are busy: with job_5 for 8 min, job_4 for 7 min, job_3 for 5 min and 2 other jobs.",
            NO_TELLING,
        ],
        None,
    ),
    "another site's job": (
        bench(running("secret", 720, call=Call("secret", "secret", "method", "b.localhost")), usual={"secret": Usual(9, 800.0, 900.0, 1.0)}),
        1,
        [
            "It is next in long, and has waited 60 s.",
            "The only worker of long is busy: with a job of another site for 12 min.",
            "It should start within 3 min, in about 78 s.",
        ],
        150.0,
    ),
    "no worker at all": (bench(), 1, ["No worker serves long. The whole bench has none.", "It is next in long, and has waited 60 s."], None),
    "workers elsewhere": (
        bench(workers=(worker(None, SHORT, DEFAULT),)),
        1,
        ["No worker serves long. The bench has 1 worker, for short and default.", "It is next in long, and has waited 60 s."],
        None,
    ),
    "a dead worker's record": (bench(workers=(worker(None, state="gone"),)), 1, ["No worker serves long. The whole bench has none.", "It is next in long, and has waited 60 s."], None),
    "suspended": (
        bench(None, suspended=True),
        1,
        ["All workers are suspended: they take no work. Nothing ends that by itself. 1 job waiting.", "It is next in long, and has waited 60 s."],
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("around", "position", "said", "start"), WAITING.values(), ids=WAITING)
def test_why_it_waits(around: Bench, position: int, said: list[str], start: float | None) -> None:
    explanation = reported(job(), around, position, scope=Scope("a.localhost"))
    assert sentences(explanation) == said
    assert explanation.position == position
    assert explanation.expected_start_s == (start if start is None else pytest.approx(start, rel=0.1))
    assert not explanation.needs_proof


def test_a_suspended_bench_offers_to_resume() -> None:
    assert [each.action for each in reported(job(), bench(None, suspended=True), 1).reasons[0].remedies] == ["resume"]


def test_workers_that_prefer_other_lanes() -> None:
    short = Lane(SHORT, Counts(queued=12), head=(job(queue=SHORT),))
    long = Lane(LONG, Counts(queued=1))
    busy = replace(worker(AGING), queues=(SHORT, LONG))
    around = bench(
        lanes=(short, replace(long, running=(AGING,))), workers=(busy,), held={AGING.id: AGING}, usual=HISTORY
    )
    explanation = reported(job(), around, 1)
    assert "It takes work of short, where 12 jobs wait, first." in sentences(explanation)
    assert explanation.expected_start_s == pytest.approx(80 + 12 * 60, rel=0.2)
    away = replace(around, lanes=(replace(short, counts=Counts()), long))
    assert not [text for text in sentences(reported(job(), away, 1)) if "first" in text]


def test_one_of_two_workers_is_silent() -> None:
    stale = Warning(
        "worker_stale", "warning", "Worker w-idle is idle and has not been heard of for 9 min.", worker="w-idle"
    )
    around = bench(AGING, None, usual=HISTORY)
    said = sentences(reported(job(), around, 1, warnings=(stale,)))
    assert said[1] == "The only worker of long is busy: with monthly_aging for 12 min (usually 3 min)."
    assert stale.message in said
    assert "It should start within 81 s, in about 80 s." in said


def test_what_cannot_be_read_and_what_was_brought_here() -> None:
    broken = job(call=Call("(unreadable)", "x", "unreadable", "a.localhost", problem="it is no pickle", broken=True))
    first = reported(broken, bench(None), 1).reasons[0]
    assert "cannot be run by any worker: it is no pickle" in first.text
    assert [each.action for each in first.remedies] == ["delete"]
    entry = AuditEntry("sam@x", "retry", "send_email", True, "failed", "queued", "mail is back", at=before(200))
    said = sentences(reported(job(attempt=3), bench(None), 1, facts=Facts(action=entry)))
    assert said[-2:] == [
        "It was put back in its queue by sam@x 3 min ago: mail is back.",
        "This will be its 3rd attempt.",
    ]


@pytest.mark.parametrize(
    ("around", "facts", "first", "proof"),
    [
        (bench(worker_ := None, workers=(worker(job()),)), Facts(), "Worker w-send_email has just taken it: it starts in a moment.", False),
        (bench(None), Facts(between_lists=True), "send_email was taken from long but never started", True),
        (bench(None), Facts(), "send_email is a ghost: its record says queued, but it stands in no queue.", True),
        (bench(None, lane=Lane(LONG, Counts(queued=1_000_000))), Facts(), "It is behind the first 20,000 jobs of long, where 1,000,000 wait.", False),
        (bench(None, lanes=()), Facts(), "send_email is a ghost", True),
    ],
    ids=["taken", "in limbo", "ghost", "deep", "its queue is gone"],
)  # fmt: skip
def test_queued_in_no_line(around: Bench, facts: Facts, first: str, proof: bool) -> None:
    explanation = reported(job(), around, None, facts=facts)
    assert sentences(explanation)[0].startswith(first)
    assert explanation.needs_proof is proof
    assert bool(explanation.reasons[0].remedies) is proof


def test_just_enqueued_and_already_taken_is_no_ghost() -> None:
    explanation = reported(job(enqueued_at=before(1)), bench(None), None)
    assert sentences(explanation) == ["A worker has just taken it from its queue: it starts in a moment."]
